import type { AccessRequest, DecidedBy, Decision, Principal, ResourceRule } from './types.ts';

/** What a refusal calls the policy that is missing, or that denies. */
const policyNames: Readonly<Record<DecidedBy, string>> = {
  identity: 'identity-based policy',
  resource: 'resource-based policy',
  boundary: 'permissions boundary',
  session: 'session policy',
  crossAccount: 'resource-based policy',
  root: 'identity-based policy',
  none: 'identity-based policy',
};

/** The text of the refusal, as AWS words it. */
export function accessDeniedMessage(
  decision: Decision,
  request: AccessRequest,
  principal: Principal,
  rule: ResourceRule = 'resource',
): string {
  const { action, resource } = request;
  const who = principal.kind === 'anonymous' ? 'anonymous' : principal.arn;
  const what = `User: ${who} is not authorized to perform: ${action} on resource: ${resource}`;
  return `${what} ${reasonOf(decision, action, rule)}`;
}

function reasonOf({ effect, by }: Decision, action: string, rule: ResourceRule): string {
  const isTrust = rule === 'trust' && by === 'resource';
  const name = isTrust ? 'role trust policy' : policyNames[by];
  if (effect !== 'explicitDeny') return `because no ${name} allows the ${action} action`;
  const article = isTrust ? 'the' : by === 'identity' ? 'an' : 'a';
  return `with an explicit deny in ${article} ${name}`;
}
