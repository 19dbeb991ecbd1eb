import { checkActionName } from './actionNames.ts';
import { type ConditionEntry, isConditionOperator, isConditionValue } from './conditions.ts';
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
import { completedArn, failsLegacyParsing, resourceProblem } from './resourceNames.ts';

const syntaxErrors = 'Syntax errors in policy.';
const legacyParsing = 'The policy failed legacy parsing';
const sidPattern = /^[0-9A-Za-z]*$/;

/**
 * The rules for what IAM attaches to users, groups, roles and sessions. IAM looks through the whole policy for one kind
 * of error after the other, in the order measured here.
 */
export function checkIdentityPolicy(document: PolicyDocument, needsVersion: boolean): readonly CheckedStatement[] {
  const { members, statements } = document;
  // first: the form
  if (!hasForm(members) || !statements.every(isStatement)) refuse(syntaxErrors);
  // then: the version, which nothing but the form comes before
  if (needsVersion && members.Version !== '2012-10-17')
    refuse('Policy document must be version 2012-10-17 or greater.');
  // then: who it is for, which is those whom it is attached to
  if (statements.some((each) => each.Principal !== undefined || each.NotPrincipal !== undefined)) {
    refuse('Policy document should not specify a principal.');
  }
  // then: what the older parser can't read; it gets no further than the first bad resource
  const problem = checkLegacy(statements);
  // then: the names of the statements
  checkSids(statements);
  // then: that there are actions
  if (statements.some((each) => listOf(each.Action ?? each.NotAction).length === 0)) {
    refuse('Policy statement must contain actions.');
  }
  // then: resources, actions, and that there are resources at all
  if (problem !== undefined) refuse(problem);
  for (const each of statements) listOf(each.Action ?? each.NotAction).forEach(checkActionName);
  if (statements.some((each) => listOf(each.Resource ?? each.NotResource).length === 0)) {
    refuse('Policy statement must contain resources.');
  }
  return statements.map(checkedStatement);
}

function hasForm({ Version, Id, ...others }: JsonMap): boolean {
  const isKnown = Object.keys(others).every((name) => policyMembers.includes(name));
  return (
    isKnown && (Version === undefined || versions.includes(Version)) && (Id === undefined || typeof Id === 'string')
  );
}

function isStatement(statement: JsonMap): boolean {
  const { Sid, Effect, Action, NotAction, Resource, NotResource, Condition } = statement;
  if (Object.keys(statement).some((name) => !statementMembers.includes(name))) return false;
  if (Sid !== undefined && typeof Sid !== 'string') return false;
  // The older parser, later, takes its case seriously.
  if (typeof Effect !== 'string' || !/^(?:allow|deny)$/i.test(Effect)) return false;
  if (Action !== undefined && NotAction !== undefined) return false;
  if (Resource !== undefined && NotResource !== undefined) return false;
  const lists = [Action, NotAction, Resource, NotResource].filter((value) => value !== undefined);
  if (!lists.every((value) => textsOf(value) !== undefined)) return false;
  const entries = conditionOf(Condition);
  return entries?.every(({ operator }) => isConditionOperator(operator)) ?? false;
}

/** Refuses what fails legacy parsing; gives the first problem with a resource, which ends that parsing. */
function checkLegacy(statements: readonly JsonMap[]): string | undefined {
  for (const { Effect, Condition } of statements) {
    const isValid = ({ operator, values }: ConditionEntry): boolean =>
      values.every((value) => isConditionValue(operator, value));
    if (Effect !== 'Allow' && Effect !== 'Deny') refuse(legacyParsing);
    if (!(conditionOf(Condition) ?? []).every(isValid)) refuse(legacyParsing);
  }
  for (const { Resource, NotResource } of statements) {
    for (const resource of listOf(Resource ?? NotResource)) {
      const problem = resourceProblem(resource);
      if (problem !== undefined) return problem;
      if (failsLegacyParsing(resource)) refuse(legacyParsing);
    }
  }
  return undefined;
}

function checkSids(statements: readonly JsonMap[]): void {
  const sids = statements.map(({ Sid }) => Sid).filter((sid) => typeof sid === 'string' && sid !== '') as string[];
  if (hasDuplicates(sids)) refuse('Statement IDs (SID) in a single policy must be unique.');
  if (!sids.every((sid) => sidPattern.test(sid))) {
    refuse(
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
    );
  }
}

function checkedStatement(statement: JsonMap): CheckedStatement {
  const { Sid, Effect, Action, NotAction, Resource, NotResource, Condition } = statement;
  return {
    sid: typeof Sid === 'string' && Sid !== '' ? Sid : undefined,
    effect: Effect === 'Allow' ? 'Allow' : 'Deny',
    actions: listOf(Action ?? NotAction),
    isNotAction: NotAction !== undefined,
    resources: listOf(Resource ?? NotResource).map(completedArn),
    isNotResource: NotResource !== undefined,
    principals: undefined,
    isNotPrincipal: false,
    condition: conditionOf(Condition) ?? [],
  };
}

function listOf(value: unknown): readonly string[] {
  return value === undefined ? [] : (textsOf(value) ?? []);
}

/** The statements of a document; IAM says the same of a document without any as of one that is no JSON. */
export function readIdentityDocument(text: string): PolicyDocument {
  let members: unknown;
  try {
    members = JSON.parse(text);
  } catch {
    return refuse(syntaxErrors);
  }
  if (!isJsonMap(members)) return refuse(syntaxErrors);
  const statements: readonly unknown[] = Array.isArray(members.Statement) ? members.Statement : [members.Statement];
  return statements.length > 0 && statements.every(isJsonMap) ? { members, statements } : refuse(syntaxErrors);
}
