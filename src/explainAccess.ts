/** Which statement decides about a call that nobody makes: the policies, asked as the edge asks them. A part of `server.ts`. */
import { accessDeniedMessage, type Identity } from './access/index.ts';
import type { AccessQuestion } from './admin/index.ts';
import { type Access, AwsError, type CallContext, decideAccess, type ServedService } from './aws/index.ts';
import type { RunningIam } from './services/iam/index.ts';

export interface Explanation {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly effect: 'allowed' | 'explicitDeny' | 'implicitDeny';
  /** Which kind of policy the decision rests on. */
  readonly by: string;
  readonly statements: readonly { readonly policy: string; readonly statement: string; readonly effect: string }[];
  /** Whether the resource has a policy of its own that was asked. */
  readonly resourcePolicy: boolean;
  /** A grant of KMS stands in for a policy. */
  readonly grant: boolean;
  /** Of a refusal: what the API would say. */
  readonly message?: string;
  /** Keys that the policies ask for and that the question did not give. */
  readonly missingContext: readonly string[];
}

export interface ExplainSources {
  readonly services: readonly ServedService[];
  readonly iam: Pick<RunningIam, 'identityOf' | 'findRole'>;
  readonly now: () => number;
}

export function createExplainAccess(sources: ExplainSources) {
  return async (question: AccessQuestion): Promise<Explanation | { readonly problem: string }> => {
    const identity = await identityOf(sources, question.principal);
    if (identity === undefined) return { problem: `There is no user, role or session ${question.principal} here.` };
    try {
      const access = await accessOf(sources, question, identity);
      return explain(identity, { ...access, context: { ...access.context, ...question.context } }, sources.now());
    } catch (error) {
      // A key that is not there: the call would end so before any policy is asked.
      if (error instanceof AwsError) return { problem: `${error.code}: ${error.message}` };
      throw error;
    }
  };
}

async function identityOf({ iam }: ExplainSources, name: string): Promise<Identity | undefined> {
  const nobody = { accountId: '', userId: '', context: {} };
  if (name === 'anonymous') return { principal: { ...nobody, kind: 'anonymous', arn: '' }, policies: [] };
  if (/^[a-z0-9.-]+\.amazonaws\.com$/.test(name)) {
    return { principal: { ...nobody, kind: 'service', arn: name, userId: name }, policies: [] };
  }
  return iam.identityOf(name, 'explain');
}

function explain(identity: Identity, access: Access, now: number): Explanation {
  const { action, resource, policy, rule } = access;
  const [, , , region = ''] = resource.split(':');
  const conditions = {
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
    ...(region !== '' && { 'aws:RequestedRegion': region }),
  };
  const { effect, by, statements } = decideAccess(access, identity, conditions);
  const refusal = () => accessDeniedMessage({ effect, by, statements }, access, identity.principal, rule);
  return {
    principal: identity.principal.arn || 'anonymous',
    ...{ action, resource, effect, by, statements },
    resourcePolicy: policy !== undefined,
    grant: effect === 'allowed' && access.isGranted === true && statements.length === 0,
    ...(effect !== 'allowed' && { message: refusal() }),
    missingContext: missingKeys(identity, access, Object.keys(conditions)),
  };
}

/** Keys that the decision itself knows, whatever the request says. */
const derived =
  /^aws:(principal(arn|account|type|isawsservice|servicename|tag\/.*)|userid|username|resourceaccount|(resource|request)tag\/.*|tagkeys)$/;

function missingKeys(identity: Identity, { context, policy }: Access, known: readonly string[]): string[] {
  const { policies, boundary, session = [], principal } = identity;
  const asked = [...policies, ...(boundary ? [boundary] : []), ...session].map((each) => each.policy);
  const keys = [...asked, ...(policy ? [policy] : [])].flatMap(({ contextKeys }) => contextKeys);
  const given = new Set([...Object.keys(context), ...Object.keys(principal.context), ...known].map(lowerCase));
  const isMissing = (key: string) => !given.has(lowerCase(key)) && !derived.test(lowerCase(key));
  return [...new Set(keys)].filter(isMissing).sort();
}

const lowerCase = (text: string): string => text.toLowerCase();

/** What the service would ask for; for what it does not know, that the principal's own policies allow it. */
async function accessOf(sources: ExplainSources, question: AccessQuestion, identity: Identity): Promise<Access> {
  const { action, resource } = question;
  const [scheme, , service = '', region = '', owner = ''] = resource.split(':');
  const isOfService = scheme === 'arn' && lowerCase(action).startsWith(`${service}:`);
  const resourceAccountId = owner === '' ? identity.principal.accountId : owner;
  const plain: Access = { action, resource, resourceAccountId, context: {} };
  if (/^sts:/i.test(action) && /:role\//.test(resource)) return { ...plain, ...(await trustOf(sources, resource)) };
  const asked = isOfService ? sources.services.find(({ contract }) => contract.service === service) : undefined;
  const operation = asked && operationOf(asked, action);
  if (asked?.accessOf === undefined || operation === undefined) return plain;
  const context: CallContext = {
    // Keys of another account are looked up from the caller's; the others' names lead to the resource by themselves.
    accountId: service === 'kms' ? identity.principal.accountId : resourceAccountId,
    ...{ region, requestId: '', accessKeyId: '', endpoint: 'http://localhost', caller: identity },
    client: { gone: false, onGone: () => undefined },
  };
  const needed = await asked.accessOf(operation, inputOf(service, operation, resource) as never, context);
  const same = needed.filter((each) => lowerCase(each.action) === lowerCase(action));
  return same.find((each) => each.resource === resource) ?? (same.length === 1 ? same[0] : undefined) ?? plain;
}

/** The API does not tell roles that are not there from those that may not be assumed; who runs the server may know. */
async function trustOf({ iam }: ExplainSources, roleArn: string): Promise<Partial<Access>> {
  const role = await iam.findRole(roleArn);
  if (role === undefined) throw new AwsError('NoSuchEntity', `There is no role ${roleArn} here.`);
  return { policy: role.trustPolicy, rule: 'trust' };
}

/** In the letters of the API: actions are compared without regard to case. */
function operationOf({ contract }: ServedService, action: string): string | undefined {
  const name = action.slice(action.indexOf(':') + 1);
  const known = Object.keys(contract.operations).find((each) => lowerCase(each) === lowerCase(name));
  // Permissions that no operation has the name of, such as kms:ReEncryptFrom.
  return known ?? (contract.service === 'kms' ? name : undefined);
}

/** The members of inputs by which a service finds the resource. */
function inputOf(service: string, operation: string, arn: string): object {
  const [, , , , accountId = '', ...rest] = arn.split(':');
  const resource = rest.join(':');
  const name = resource.slice(resource.lastIndexOf('/') + 1);
  switch (service) {
    case 'sqs':
      return {
        QueueUrl: `http://localhost/${accountId}/${resource}`,
        ...{ QueueName: resource, QueueOwnerAWSAccountId: accountId, SourceArn: arn },
      };
    case 'sns':
      return resource.includes(':') ? { SubscriptionArn: arn } : { TopicArn: arn, Name: resource };
    case 'kms':
      return resource.startsWith('alias/') ? { AliasName: resource } : { KeyId: arn };
    case 'iam':
      return iamInputs.find(([prefix]) => resource.startsWith(prefix))?.[1](name, arn) ?? {};
    default:
      return { operation };
  }
}

const iamInputs: readonly (readonly [prefix: string, input: (name: string, arn: string) => object])[] = [
  ['user/', (UserName) => ({ UserName })],
  ['group/', (GroupName) => ({ GroupName })],
  ['role/', (RoleName) => ({ RoleName })],
  ['policy/', (_name, PolicyArn) => ({ PolicyArn })],
];
