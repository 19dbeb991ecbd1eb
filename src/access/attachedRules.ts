import { checkActionName } from './actionNames.ts';
import { isConditionOperator, isConditionValue } from './conditions.ts';
import {
  type CheckedStatement,
  conditionOf,
  hasDuplicates,
  isJsonMap,
  type JsonMap,
  type PolicyDocument,
  policyMembers,
  refuse,
  statementMembers,
  textsOf,
  versions,
} from './document.ts';
import { readPrincipals } from './principalNames.ts';

/** The kinds of policies that are attached to what is asked for, and say themselves who may. */
export type AttachedKind = 'resource' | 'trust' | 'key';

const syntaxErrors = 'Syntax errors in policy.';
const alphanumeric = /^[0-9A-Za-z]*$/;
const trustAction = /^sts:/i;

export function readAttachedDocument(text: string): PolicyDocument {
  let members: unknown;
  try {
    members = JSON.parse(text);
  } catch {
    return refuse('This policy contains invalid Json');
  }
  if (!isJsonMap(members)) return refuse('This policy contains invalid Json');
  const { Statement } = members;
  if (Statement === undefined) return refuse('Missing required field Statement');
  const statements: readonly unknown[] = Array.isArray(Statement) ? Statement : [Statement];
  if (statements.length === 0) return refuse('Could not parse the policy: Statement is empty!');
  return statements.every(isJsonMap) ? { members, statements } : refuse(syntaxErrors);
}

/** The rules for policies of queues, topics, keys and roles; what is wrong first in the text is said first. */
export function checkAttachedPolicy(document: PolicyDocument, kind: AttachedKind): readonly CheckedStatement[] {
  const { members, statements } = document;
  for (const name of Object.keys(members)) if (!policyMembers.includes(name)) refuse(`Unknown field ${name}`);
  if (members.Version !== undefined && !versions.includes(members.Version)) {
    refuse('The policy must contain a valid version string');
  }
  if (members.Id !== undefined && typeof members.Id !== 'string') refuse(syntaxErrors);
  const checked = statements.map((statement) => checkStatement(statement, kind));
  const sids = checked.flatMap(({ sid }) => (sid === undefined ? [] : [sid]));
  if (hasDuplicates(sids)) refuse('The Statement Ids in the policy are not unique');
  return checked;
}

function checkStatement(statement: JsonMap, kind: AttachedKind): CheckedStatement {
  for (const name of Object.keys(statement)) if (!statementMembers.includes(name)) refuse(`Unknown field ${name}`);
  const { Sid, Effect, Principal, NotPrincipal, Condition } = statement;
  const effect = checkEffect(Effect);
  if (kind === 'trust' && NotPrincipal !== undefined) {
    if (effect === 'Allow') refuse('Allow with NotPrincipal is not allowed.');
    refuse('AssumeRole policy must not contain NotPrincipal field.');
  }
  const principals = readPrincipals(exactlyOne(Principal, NotPrincipal, 'Principal'), kind);
  const actions = checkActions(statement, kind);
  const resources = checkResources(statement, kind);
  return {
    sid: checkSid(Sid, kind),
    effect,
    actions,
    isNotAction: statement.NotAction !== undefined,
    resources,
    isNotResource: statement.NotResource !== undefined,
    principals,
    isNotPrincipal: NotPrincipal !== undefined,
    condition: checkCondition(Condition),
  };
}

/** Keys and queues have statements whose names are phrases; a role's are like those of other IAM policies. */
function checkSid(sid: unknown, kind: AttachedKind): string | undefined {
  if (sid === undefined || sid === '') return undefined;
  if (typeof sid !== 'string') return refuse(syntaxErrors);
  if (kind === 'trust' && !alphanumeric.test(sid)) {
    refuse(
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
    );
  }
  return sid;
}

function checkEffect(effect: unknown): 'Allow' | 'Deny' {
  if (effect === undefined) return refuse('Missing required field Effect');
  if (typeof effect !== 'string') return refuse(syntaxErrors);
  return effect === 'Allow' || effect === 'Deny' ? effect : refuse(`Invalid effect: ${effect}`);
}

function checkActions({ Action, NotAction }: JsonMap, kind: AttachedKind): readonly string[] {
  const actions = textsOf(exactlyOne(Action, NotAction, 'Action'));
  if (actions === undefined) return refuse(syntaxErrors);
  if (actions.length === 0) return refuse('Missing required field Action');
  if (kind === 'trust' && !actions.every((action) => trustAction.test(action))) {
    refuse('AssumeRole policy may only specify STS AssumeRole actions.');
  }
  actions.forEach(checkActionName);
  return actions;
}

/** A trust policy speaks of its role. So does the policy of a queue or a topic that names no resource. */
function checkResources({ Resource, NotResource }: JsonMap, kind: AttachedKind): readonly string[] | undefined {
  if (kind === 'trust') {
    if (Resource !== undefined) refuse('Has prohibited field Resource');
    if (NotResource !== undefined) refuse('AssumeRole policy must not contain resources.');
    return undefined;
  }
  if (kind === 'resource' && Resource === undefined && NotResource === undefined) return undefined;
  const resources = textsOf(exactlyOne(Resource, NotResource, 'Resource'));
  if (resources === undefined) return refuse(syntaxErrors);
  return resources.length > 0 ? resources : refuse('Missing required field Resource');
}

function checkCondition(condition: unknown): CheckedStatement['condition'] {
  const entries = conditionOf(condition);
  if (entries === undefined) return refuse(syntaxErrors);
  for (const { operator, values } of entries) {
    if (!isConditionOperator(operator)) refuse(`Invalid Condition type : ${operator}`);
    const wrong = values.find((value) => !isConditionValue(operator, value));
    if (wrong !== undefined) refuse(`Invalid value for condition ${operator}: ${wrong}`);
  }
  return entries;
}

function exactlyOne(value: unknown, inverse: unknown, name: string): unknown {
  if (value !== undefined && inverse !== undefined) return refuse(syntaxErrors);
  return value ?? inverse ?? refuse(`Missing required field ${name}`);
}
