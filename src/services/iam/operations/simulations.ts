import type { Policy } from '#access';
import type { ContextEntry, OrderedOrganizationPolicyType } from '#aws/generated/iam';
import type { Account } from '../accounts.ts';
import { checkPolicy } from '../documents.ts';
import { invalidInput } from '../errors.ts';
import { type Paged, pageEnd, pageOf } from '../paging.ts';
import type { IamTable } from '../service.ts';
import { checkAction, contextOf, evaluateAction, givenPolicies, type Simulation } from '../simulation.ts';
import { type SourcePolicy, sourceOf, supposedCaller, withoutExcluded } from '../simulationSources.ts';

/** What would be decided, by the same rules that decide about real requests. */
export const simulationOperations = {
  SimulateCustomPolicy: (input, { account }) => {
    if (input.ResourcePolicy !== undefined && input.CallerArn === undefined) {
      throw invalidInput('CallerArn is required when a ResourcePolicy is given.');
    }
    const policies = givenPolicies(input.PolicyInputList, 'PolicyInputList');
    const { principal } = supposedCaller(account, input.CallerArn);
    return simulate(account, input, { principal, policies });
  },

  SimulatePrincipalPolicy: (input, { account }) => {
    const source = withoutExcluded(sourceOf(account, input.PolicySourceArn), input.PolicyExclusionList ?? []);
    if (input.ResourcePolicy !== undefined && source.kind !== 'user' && input.CallerArn === undefined) {
      throw invalidInput('CallerArn is required when a ResourcePolicy is given and the source is no user.');
    }
    const added = givenPolicies(input.PolicyInputList ?? [], 'PolicyInputList');
    const { CallerArn } = input;
    const principal = CallerArn === undefined ? source.principal : supposedCaller(account, CallerArn).principal;
    return simulate(account, input, { ...source, principal, policies: [...source.policies, ...added] });
  },

  GetContextKeysForCustomPolicy: ({ PolicyInputList }) => ({
    ContextKeyNames: contextKeysOf(PolicyInputList.map((text) => checkPolicy(text, 'identity'))),
  }),

  GetContextKeysForPrincipalPolicy: ({ PolicySourceArn, PolicyInputList = [] }, { account }) => {
    const added = PolicyInputList.map((text) => checkPolicy(text, 'identity'));
    const { policies } = sourceOf(account, PolicySourceArn);
    return { ContextKeyNames: contextKeysOf([...policies.map(({ policy }) => policy), ...added]) };
  },
} satisfies IamTable;

interface SimulationInput extends Paged {
  readonly ActionNames: readonly string[];
  readonly ResourceArns?: readonly string[] | undefined;
  readonly ResourcePolicy?: string | undefined;
  readonly ResourceOwner?: string | undefined;
  readonly ContextEntries?: readonly ContextEntry[] | undefined;
  readonly PermissionsBoundaryPolicyInputList?: readonly string[] | undefined;
  readonly OrderedOrganizationPolicyInputList?: readonly OrderedOrganizationPolicyType[] | undefined;
}

interface Supposed {
  readonly principal: Simulation['identity']['principal'];
  readonly policies: readonly SourcePolicy[];
  readonly boundary?: SourcePolicy;
}

function simulate(account: Account, input: SimulationInput, { principal, policies, boundary }: Supposed) {
  const boundaries = givenPolicies(
    input.PermissionsBoundaryPolicyInputList ?? [],
    'PermissionsBoundaryPolicyInputList',
  );
  if (boundaries.length > 1) throw invalidInput('There can be one permissions boundary only.');
  const bound = boundaries[0] ?? boundary;
  const simulation: Simulation = {
    identity: { principal, policies, ...(bound && { boundary: bound }) },
    sources: [...policies, ...(bound ? [bound] : [])],
    resourcePolicy: input.ResourcePolicy === undefined ? undefined : checkPolicy(input.ResourcePolicy, 'resource'),
    organization: (input.OrderedOrganizationPolicyInputList ?? []).map(
      ({ ServiceControlPolicyInputList = [] }, level) =>
        givenPolicies(ServiceControlPolicyInputList, `OrderedOrganizationPolicyInputList.${level + 1}`),
    ),
    context: contextOf(input.ContextEntries ?? []),
    ownerOf: (resource) => ownerOf(account, resource, input.ResourceOwner),
  };
  const actions = input.ActionNames.map((action, index) => ({ action: checkAction(action), key: String(1e6 + index) }));
  const page = pageOf(actions, ({ key }) => key, input);
  const results = page.items.map(({ action }) => evaluateAction(simulation, action, input.ResourceArns));
  return { EvaluationResults: results, ...pageEnd(page) };
}

/** The account that is named, the one in the ARN, or the one that asks. */
function ownerOf(account: Account, resource: string, owner: string | undefined): string {
  const named = /^(?:arn:aws:iam::)?(\d{12})(?::root)?$/.exec(owner ?? '')?.[1];
  return named ?? /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(resource)?.[1] ?? account.id;
}

/** Each key once, in alphabetical order. */
function contextKeysOf(policies: readonly Policy[]): string[] {
  return [...new Set(policies.flatMap(({ contextKeys }) => contextKeys))].sort();
}
