import { decide, type Identity, type NamedPolicy, type Policy, type RequestContext } from '#access';
import type { ContextEntry, EvaluationResult, ResourceSpecificResult, Statement } from '#aws/generated/iam';
import { checkPolicy } from './documents.ts';
import { invalidInput } from './errors.ts';
import type { SourcePolicy } from './simulationSources.ts';

/** One simulation: who is supposed to ask, under which keys, and what else has a say. */
export interface Simulation {
  readonly identity: Identity;
  /** Where the identity's policies come from. */
  readonly sources: readonly SourcePolicy[];
  readonly resourcePolicy: Policy | undefined;
  /** Policies of an organization, level by level: each has to allow. */
  readonly organization: readonly (readonly NamedPolicy[])[];
  readonly context: RequestContext;
  readonly ownerOf: (resource: string) => string;
}

type Verdict = 'allowed' | 'explicitDeny' | 'implicitDeny';

interface Outcome {
  readonly resource: string;
  readonly decision: Verdict;
  readonly matched: readonly Statement[];
  readonly missing: readonly string[];
  readonly isBoundaryOpen: boolean;
  readonly isOrganizationOpen: boolean;
}

/** One action on all resources. Without resources, or with `*`, the result itself says everything. */
export function evaluateAction(
  simulation: Simulation,
  action: string,
  resources: readonly string[] | undefined,
): EvaluationResult {
  const isGeneral = resources === undefined || resources.every((resource) => resource === '*');
  const outcomes = (isGeneral ? ['*'] : resources).map((resource) => evaluate(simulation, action, resource));
  const { identity, organization } = simulation;
  const all = (of: (outcome: Outcome) => boolean) => outcomes.every(of);
  return {
    // Of the type of resource, not of one: AWS has a template here, or this.
    ...{ EvalActionName: action, EvalResourceName: '*', EvalDecision: strictest(outcomes) },
    MatchedStatements: unique(outcomes.flatMap(({ matched }) => matched)),
    MissingContextValues: [...new Set(outcomes.flatMap(({ missing }) => missing))],
    ...(identity.boundary !== undefined && {
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: all((outcome) => outcome.isBoundaryOpen) },
    }),
    ...(organization.length > 0 && {
      OrganizationsDecisionDetail: { AllowedByOrganizations: all((outcome) => outcome.isOrganizationOpen) },
    }),
    ...(!isGeneral && {
      EvalDecisionDetails: {},
      ResourceSpecificResults: outcomes.map((outcome) => resourceResult(simulation, outcome)),
    }),
  };
}

function resourceResult({ identity }: Simulation, outcome: Outcome): ResourceSpecificResult {
  return {
    ...{ EvalResourceName: outcome.resource, EvalResourceDecision: outcome.decision },
    ...{ MatchedStatements: outcome.matched, MissingContextValues: outcome.missing },
    ...(identity.boundary !== undefined && {
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: outcome.isBoundaryOpen },
    }),
  };
}

function evaluate(simulation: Simulation, action: string, resource: string): Outcome {
  const { identity, resourcePolicy, organization, context, ownerOf } = simulation;
  const request = { action, resource, resourceAccountId: ownerOf(resource), context };
  const { effect, statements } = decide(identity, request, resourcePolicy);
  const alone = (policies: readonly NamedPolicy[]): Verdict => {
    const own = { ...request, resourceAccountId: identity.principal.accountId };
    return decide({ principal: identity.principal, policies }, own).effect;
  };
  const levels = organization.map(alone);
  const isOrganizationOpen = levels.every((level) => level === 'allowed');
  const isOrganizationDenying = levels.includes('explicitDeny');
  const byOrganization: Verdict = isOrganizationDenying ? 'explicitDeny' : 'implicitDeny';
  // Of a refusal without a deny, what spoke for the request decided nothing.
  const deciding = effect === 'implicitDeny' ? [] : statements;
  return {
    resource,
    decision: isOrganizationOpen || effect === 'explicitDeny' ? effect : byOrganization,
    matched: deciding.map(({ policy }) => matchedStatement(simulation, policy)),
    missing: missingKeys(simulation),
    isBoundaryOpen: identity.boundary === undefined || alone([identity.boundary]) === 'allowed',
    isOrganizationOpen,
  };
}

function matchedStatement({ sources }: Simulation, name: string): Statement {
  const source = sources.find((each) => each.name === name);
  return { SourcePolicyId: name, SourcePolicyType: source?.type ?? 'resource' };
}

function missingKeys({ identity, resourcePolicy, context }: Simulation): string[] {
  const lower = (key: string) => key.toLowerCase();
  const given = new Set([...Object.keys(identity.principal.context), ...Object.keys(context)].map(lower));
  const policies = [...identity.policies, ...(identity.boundary ? [identity.boundary] : [])].map(
    ({ policy }) => policy,
  );
  const asked = [...policies, ...(resourcePolicy ? [resourcePolicy] : [])].flatMap(({ contextKeys }) => contextKeys);
  return [...new Set(asked)].filter((key) => !given.has(lower(key)) && !isAlwaysThere(lower(key)));
}

/** What every request has, whoever makes it. */
const alwaysThere = new Set([
  ...['aws:principalarn', 'aws:principalaccount', 'aws:principaltype', 'aws:userid', 'aws:username'],
  'aws:resourceaccount',
]);

function isAlwaysThere(key: string): boolean {
  return alwaysThere.has(key) || key.startsWith('aws:principaltag/');
}

function strictest(outcomes: readonly Outcome[]): Verdict {
  const order: readonly Verdict[] = ['explicitDeny', 'implicitDeny'];
  return order.find((each) => outcomes.some(({ decision }) => decision === each)) ?? 'allowed';
}

function unique(statements: readonly Statement[]): Statement[] {
  return [...new Map(statements.map((each) => [JSON.stringify(each), each])).values()];
}

/** The policies of a list that is given as texts. */
export function givenPolicies(texts: readonly string[], list: string): SourcePolicy[] {
  return texts.map((text, index) => ({
    ...{ name: `${list}.${index + 1}`, policy: checkPolicy(text, 'identity'), type: 'none' as const },
  }));
}

export function contextOf(entries: readonly ContextEntry[]): RequestContext {
  const pairs = entries.map(({ ContextKeyName = '', ContextKeyValues = [], ContextKeyType = 'string' }) => {
    const [first = ''] = ContextKeyValues;
    return [ContextKeyName, ContextKeyType.endsWith('List') ? ContextKeyValues : first] as const;
  });
  return Object.fromEntries(pairs);
}

export function checkAction(action: string): string {
  if (/^[\w-]+:[\w*?]+$/.test(action)) return action;
  throw invalidInput(`Invalid Action Name: ${action}. Action names must be of the form service:action.`);
}
