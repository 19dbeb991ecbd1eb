/**
 * The rules once more, slowly and plainly: policies are read from their JSON for each decision, patterns are tried in all
 * ways, and nothing is shared with the evaluator but the types of its questions.
 */
import { BlockList, isIP } from 'node:net';
import type { AccessRequest, DecideOptions, Principal } from '#access';

type Json = Readonly<Record<string, unknown>>;

export interface ReferencePolicy {
  readonly Version: string;
  readonly Statement: readonly Json[];
}

export interface ReferenceQuestion {
  readonly principal: Principal;
  readonly policies: readonly ReferencePolicy[];
  readonly boundary?: ReferencePolicy;
  readonly session?: readonly ReferencePolicy[];
  readonly resourcePolicy?: ReferencePolicy;
  readonly request: AccessRequest;
  readonly options: DecideOptions;
}

type Values = string | readonly string[];
type Context = ReadonlyMap<string, Values>;

/** One character of a pattern. */
type Token = { readonly char: string } | { readonly wild: '*' | '?'; readonly colons: boolean };

export function referenceDecide(question: ReferenceQuestion): string {
  const { principal, request, options } = question;
  const context = contextOf(principal, request);
  const ask = (policy: ReferencePolicy | undefined, effect: string): readonly Json[] =>
    (policy?.Statement ?? []).filter(
      (each) => each.Effect === effect && applies(each, policy?.Version ?? '', request, context),
    );
  const own = ['user', 'assumed-role', 'federated-user'].includes(principal.kind);
  const says = (policies: readonly ReferencePolicy[], effect: string): boolean =>
    own && policies.some((policy) => ask(policy, effect).length > 0);
  const boundary = question.boundary === undefined ? [] : [question.boundary];
  const levels = (effect: string): readonly number[] =>
    ask(question.resourcePolicy, effect).map((each) => levelOf(each, principal, question.boundary !== undefined));

  if (says(question.policies, 'Deny')) return 'explicitDeny identity';
  if (levels('Deny').some((level) => level > 0)) return 'explicitDeny resource';
  if (says(boundary, 'Deny')) return 'explicitDeny boundary';
  if (says(question.session ?? [], 'Deny')) return 'explicitDeny session';

  const level = Math.max(0, ...levels('Allow'));
  const isRoot = principal.kind === 'root';
  const needsSession = question.session !== undefined || principal.kind === 'federated-user';
  const facts: Facts = {
    level,
    isRoot,
    identity: isRoot || says(question.policies, 'Allow'),
    boundary: isRoot || question.boundary === undefined || says(boundary, 'Allow'),
    session: isRoot || !needsSession || says(question.session ?? [], 'Allow'),
  };
  const same = principal.accountId !== '' && principal.accountId === request.resourceAccountId;
  if (!same && options.neverCrossAccount) return 'implicitDeny crossAccount';
  if (!own && !isRoot) return level > 0 ? 'allowed resource' : 'implicitDeny resource';
  if (!same) return acrossAccounts(facts);
  return options.rule === 'key' || options.rule === 'trust' ? delegated(facts) : within(facts);
}

interface Facts {
  readonly level: number;
  readonly isRoot: boolean;
  readonly identity: boolean;
  readonly boundary: boolean;
  readonly session: boolean;
}

function acrossAccounts({ level, identity, boundary, session }: Facts): string {
  if (!identity) return 'implicitDeny identity';
  if (!boundary) return 'implicitDeny boundary';
  if (!session) return 'implicitDeny session';
  return level > 0 ? 'allowed crossAccount' : 'implicitDeny resource';
}

function within({ level, isRoot, identity, boundary, session }: Facts): string {
  if (isRoot) return 'allowed root';
  if (identity && boundary && session) return 'allowed identity';
  if (level === 3) return 'allowed resource';
  if (level === 2 && boundary && session) return 'allowed resource';
  if (!identity && level === 0) return 'implicitDeny none';
  if (!identity && level === 1) return 'implicitDeny identity';
  return boundary ? 'implicitDeny session' : 'implicitDeny boundary';
}

function delegated({ level, identity, boundary, session }: Facts): string {
  if (level === 0) return 'implicitDeny resource';
  if (level === 3) return 'allowed resource';
  if (level === 2) {
    if (boundary && session) return 'allowed resource';
    return boundary ? 'implicitDeny session' : 'implicitDeny boundary';
  }
  if (!identity) return 'implicitDeny identity';
  if (!boundary) return 'implicitDeny boundary';
  return session ? 'allowed identity' : 'implicitDeny session';
}

/** 0: not named, 1: by the account, 2: by the role, 3: directly. */
function levelOf(statement: Json, principal: Principal, isBounded: boolean): number {
  if (statement.Principal !== undefined) return namedLevel(statement.Principal, principal);
  const level = namedLevel(statement.NotPrincipal, principal);
  if (statement.Effect === 'Allow') return level === 0 ? 3 : 0;
  const { kind, accountId, arn, roleArn } = principal;
  if (level === 0 || isBounded) return 3;
  if (statement.NotPrincipal === '*' || listed(statement.NotPrincipal, 'AWS').includes('*')) return 0;
  if (kind === 'service' || kind === 'anonymous') return 0;
  const aws = listed(statement.NotPrincipal, 'AWS');
  const account = aws.includes(accountId) || aws.includes(`arn:aws:iam::${accountId}:root`);
  const itself = kind === 'root' || aws.includes(arn);
  const role = roleArn === undefined || aws.includes(roleArn);
  return account && itself && role ? 0 : 3;
}

function namedLevel(element: unknown, { kind, accountId, arn, roleArn, context }: Principal): number {
  const aws = listed(element, 'AWS');
  if (element === '*' || aws.includes('*')) return 3;
  if (kind === 'service') return listed(element, 'Service').includes(arn) ? 3 : 0;
  const provider = context['aws:FederatedProvider'];
  const isFederated = typeof provider === 'string' && listed(element, 'Federated').includes(provider);
  if (kind === 'anonymous') return isFederated ? 3 : 0;
  const account = aws.includes(accountId) || aws.includes(`arn:aws:iam::${accountId}:root`);
  if (kind === 'root') return account ? 3 : 0;
  if (aws.includes(arn)) return 3;
  if (isFederated || (roleArn !== undefined && aws.includes(roleArn))) return 2;
  return account ? 1 : 0;
}

function listed(element: unknown, type: string): readonly string[] {
  return typeof element === 'object' && element !== null ? list((element as Json)[type]) : [];
}

function list(value: unknown): readonly string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

function contextOf(principal: Principal, request: AccessRequest): Context {
  const { kind, accountId, arn, roleArn, userId } = principal;
  const types = { anonymous: 'Anonymous', root: 'Account', user: 'User', 'assumed-role': 'AssumedRole' };
  const all: Record<string, Values | undefined> = {
    'aws:PrincipalIsAWSService': String(kind === 'service'),
    'aws:ResourceAccount': request.resourceAccountId,
    'aws:PrincipalType': kind === 'federated-user' ? 'FederatedUser' : kind === 'service' ? undefined : types[kind],
    'aws:userid': kind === 'anonymous' ? 'anonymous' : userId,
    'aws:username': kind === 'user' ? arn.split('/').at(-1) : undefined,
    'aws:PrincipalServiceName': kind === 'service' ? arn : undefined,
    ...(kind !== 'anonymous' && kind !== 'service' && { 'aws:PrincipalArn': roleArn ?? arn }),
    'aws:PrincipalAccount': kind === 'service' ? undefined : accountId,
  };
  const map = new Map<string, Values>();
  for (const [key, value] of Object.entries(all))
    if (value !== undefined && value !== '') map.set(key.toLowerCase(), value);
  for (const [key, value] of Object.entries(principal.context)) map.set(key.toLowerCase(), value);
  for (const [key, value] of Object.entries(request.context)) map.set(key.toLowerCase(), value);
  return map;
}

function applies(statement: Json, version: string, request: AccessRequest, context: Context): boolean {
  const { Action, NotAction, Resource, NotResource, Condition } = statement;
  const isAction = (pattern: string): boolean => matches(plain(pattern.toLowerCase()), request.action.toLowerCase());
  if (Action !== undefined && !list(Action).some(isAction)) return false;
  if (NotAction !== undefined && list(NotAction).some(isAction)) return false;
  const results = list(Resource ?? NotResource).map((pattern) => {
    const tokens = substitute(pattern, version, context, true);
    return tokens && matches(tokens, request.resource);
  });
  if (Resource !== undefined && !results.includes(true)) return false;
  if (NotResource !== undefined) {
    if (results.includes(true)) return false;
    if (statement.Effect === 'Allow' && results.includes(undefined)) return false;
  }
  return Object.entries((Condition ?? {}) as Record<string, Json>).every(([operator, block]) =>
    Object.entries(block).every(([key, wanted]) => holds(operator, key, list(wanted), version, context)),
  );
}

function holds(name: string, key: string, wanted: readonly string[], version: string, context: Context): boolean {
  const actual = context.get(key.toLowerCase());
  const isMissing = actual === undefined || (Array.isArray(actual) && actual.length === 0);
  if (name === 'Null') return wanted.includes(String(isMissing));
  const values = list(actual);
  const quantity = name.startsWith('ForAllValues:') ? 'all' : name.startsWith('ForAnyValue:') ? 'any' : 'one';
  const operator = name.replace(/^For\w+:/, '').replace(/IfExists$/, '');
  const isNegated = operator.includes('Not');
  const base = operator.replace('Not', '');
  const isEmpty = isMissing || (quantity !== 'one' && values.every((value) => value === ''));
  if (isEmpty) {
    if (name.endsWith('IfExists')) return true;
    return quantity === 'all' || (quantity === 'one' && isNegated);
  }
  const isOne = (value: string): boolean => wanted.some((each) => compares(base, each, value, version, context));
  if (quantity === 'all') return values.every((value) => isOne(value) !== isNegated);
  if (quantity === 'any') return values.some((value) => isOne(value) !== isNegated);
  return values.some(isOne) !== isNegated;
}

function compares(base: string, wanted: string, actual: string, version: string, context: Context): boolean {
  if (base.startsWith('String')) {
    const tokens = substitute(wanted, version, context, false);
    if (tokens === undefined) return false;
    if (base === 'StringLike') return matches(tokens, actual);
    const text = tokens.map((token) => ('char' in token ? token.char : token.wild)).join('');
    return base === 'StringEquals' ? text === actual : text.toLowerCase() === actual.toLowerCase();
  }
  if (base.startsWith('Arn')) return comparesArn(wanted, actual, version, context);
  if (base === 'Bool') return ['true', 'false'].includes(wanted) && wanted === actual;
  if (base === 'BinaryEquals') return Buffer.from(wanted, 'base64').equals(Buffer.from(actual, 'base64'));
  if (base === 'IpAddress') return inNetwork(wanted, actual);
  const [left, right] = [actual, wanted].map(base.startsWith('Date') ? dateOf : numberOf) as [number, number];
  if (base.endsWith('LessThan')) return left < right;
  if (base.endsWith('LessThanEquals')) return left <= right;
  if (base.endsWith('GreaterThan')) return left > right;
  if (base.endsWith('GreaterThanEquals')) return left >= right;
  return left === right;
}

function numberOf(text: string): number {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

function dateOf(text: string): number {
  return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

function inNetwork(network: string, address: string): boolean {
  const [base = '', bits] = network.split('/');
  const family = isIP(base) === 4 ? 'ipv4' : 'ipv6';
  if (isIP(base) === 0 || isIP(address) === 0) return false;
  const blocks = new BlockList();
  blocks.addSubnet(base, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family);
  return blocks.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

/** Each of the six parts for itself. */
function comparesArn(wanted: string, actual: string, version: string, context: Context): boolean {
  const pattern = sixParts(wanted.replaceAll(/\$\{[^}]*\}/g, (found) => found.replaceAll(':', '\u0000')));
  const parts = sixParts(actual);
  return parts.every((part, index) => {
    const tokens = substitute((pattern[index] ?? '').replaceAll('\u0000', ':'), version, context, false);
    return tokens !== undefined && pattern.length === 6 && parts.length === 6 && matches(tokens, part);
  });
}

function sixParts(arn: string): readonly string[] {
  const parts = arn.split(':');
  return parts.length < 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}

function plain(pattern: string): readonly Token[] {
  return [...pattern].map((char) => (char === '*' || char === '?' ? { wild: char, colons: true } : { char }));
}

/** The pattern with its variables filled in; undefined when one has no value. */
function substitute(pattern: string, version: string, context: Context, ofArn: boolean): readonly Token[] | undefined {
  const parts = version === '2012-10-17' ? pattern.split(/(\$\{[^}]*\})/) : [pattern];
  const tokens: Token[] = [];
  let colons = ofArn ? 0 : 5;
  for (const [index, part] of parts.entries()) {
    const inside = index % 2 === 1 ? part.slice(2, -1) : undefined;
    if (inside !== undefined) {
      const text = variable(inside, context);
      if (text === undefined) return undefined;
      for (const char of text) tokens.push({ char });
      continue;
    }
    for (const [at, char] of [...part].entries()) {
      const isEnd = part[at + 1] === ':' || (at === part.length - 1 && index >= parts.length - 1);
      if (char === '*' || char === '?') tokens.push({ wild: char, colons: colons >= 5 || (char === '*' && isEnd) });
      else tokens.push({ char });
      if (char === ':') colons++;
    }
  }
  return tokens;
}

function variable(inside: string, context: Context): string | undefined {
  if (['*', '?', '$'].includes(inside)) return inside;
  const [key = '', fallback] = inside.split(',').map((part) => part.trim());
  const value = context.get(key.toLowerCase());
  return typeof value === 'string' ? value : fallback?.slice(1, -1);
}

/** Tries every way. */
function matches(tokens: readonly Token[], text: string): boolean {
  const [first, ...rest] = tokens;
  if (first === undefined) return text === '';
  if ('char' in first) return text !== '' && text[0] === first.char && matches(rest, text.slice(1));
  const mayTake = text !== '' && (first.colons || text[0] !== ':');
  if (first.wild === '?') return mayTake && matches(rest, text.slice(1));
  return matches(rest, text) || (mayTake && matches(tokens, text.slice(1)));
}
