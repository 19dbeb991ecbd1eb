/** Which resources a call was about, as far as input and output tell. */

export interface TrailResource {
  readonly accountId: string;
  readonly type: string;
  readonly ARN: string;
}

interface Scope {
  readonly accountId: string;
  readonly region: string;
}

type Members = Readonly<Record<string, unknown>>;

/** Top-level members that name a resource, by service; of the names, the ARN is made. */
const naming: Readonly<Record<string, Readonly<Record<string, (name: string, scope: Scope) => string>>>> = {
  sqs: {
    QueueUrl: (url, { accountId, region }) => {
      const [name = '', account = accountId] = url.replace(/\/$/, '').split('/').reverse();
      return arn('sqs', { region, accountId: /^\d{12}$/.test(account) ? account : accountId }, name);
    },
    QueueName: (name, scope) => arn('sqs', scope, name),
    SourceArn: same,
    DestinationArn: same,
  },
  sns: {
    TopicArn: same,
    SubscriptionArn: same,
    ResourceArn: same,
    PlatformApplicationArn: same,
    EndpointArn: same,
    TargetArn: same,
  },
  kms: {
    KeyId: keyArn,
    SourceKeyId: keyArn,
    DestinationKeyId: keyArn,
    TargetKeyId: keyArn,
    AliasName: (name, scope) => arn('kms', scope, name),
  },
  iam: { PolicyArn: same },
  sts: { RoleArn: same },
};

/** Structures of outputs that hold the ARN of what was made. */
const made = ['KeyMetadata', 'User', 'Role', 'Group', 'Policy'];

export function resourcesOf(service: string, input: unknown, output: unknown, scope: Scope): readonly TrailResource[] {
  const names = naming[service] ?? {};
  const found = new Map<string, TrailResource>();
  const add = (name: unknown) => {
    const resource = typeof name === 'string' ? resourceOf(name) : undefined;
    if (resource !== undefined) found.set(resource.ARN, resource);
  };
  const given = (input ?? {}) as Members;
  const answered = (output ?? {}) as Members;
  for (const [member, nameOf] of Object.entries(names)) {
    // An answer names a key by its ARN, where the request may have an alias for it.
    const isAnswered = typeof answered[member] === 'string';
    const value = isAnswered ? answered[member] : given[member];
    if (typeof value === 'string' && value !== '') add(nameOf(value, scope));
  }
  for (const member of made) add((answered[member] as Members | undefined)?.Arn);
  const isAliasResolved = given.KeyId !== undefined && answered.KeyMetadata !== undefined;
  return [...found.values()].filter(({ ARN }) => !isAliasResolved || !ARN.includes(':alias/'));
}

const typesOfKms: Readonly<Record<string, string>> = { key: 'AWS::KMS::Key', alias: 'AWS::KMS::Alias' };
const typesOfIam: Readonly<Record<string, string>> = {
  user: 'AWS::IAM::User',
  role: 'AWS::IAM::Role',
  group: 'AWS::IAM::Group',
  policy: 'AWS::IAM::Policy',
};

function resourceOf(name: string): TrailResource | undefined {
  const [, service, accountId, rest = ''] = /^arn:aws[a-z-]*:([a-z]+):[a-z0-9-]*:(\d{12}|aws):(.+)$/.exec(name) ?? [];
  if (service === undefined || accountId === undefined) return undefined;
  const type = typeOf(service, rest);
  return type === undefined ? undefined : { accountId, type, ARN: name };
}

function typeOf(service: string, rest: string): string | undefined {
  const kind = rest.split('/', 1)[0] ?? '';
  switch (service) {
    case 'sqs':
      return 'AWS::SQS::Queue';
    case 'kms':
      return typesOfKms[kind];
    case 'iam':
      return typesOfIam[kind];
    case 'sns':
      if (kind === 'app') return 'AWS::SNS::PlatformApplication';
      if (kind === 'endpoint') return 'AWS::SNS::PlatformEndpoint';
      return rest.includes(':') ? 'AWS::SNS::Subscription' : 'AWS::SNS::Topic';
    default:
      return undefined;
  }
}

function same(name: string): string {
  return name;
}

function keyArn(name: string, scope: Scope): string {
  if (name.startsWith('arn:')) return name;
  return arn('kms', scope, name.startsWith('alias/') ? name : `key/${name}`);
}

function arn(service: string, { accountId, region }: Scope, name: string): string {
  return `arn:aws:${service}:${region}:${accountId}:${name}`;
}

/** What IAM's calls name by a name alone: LookupEvents finds them by it, as AWS's does. */
const namedByIam: Readonly<Record<string, string>> = {
  userName: 'AWS::IAM::User',
  roleName: 'AWS::IAM::Role',
  groupName: 'AWS::IAM::Group',
  instanceProfileName: 'AWS::IAM::InstanceProfile',
  accessKeyId: 'AWS::IAM::AccessKey',
};

export interface NamedResource {
  readonly ResourceType: string;
  readonly ResourceName: string;
}

/** The resources of a record as LookupEvents lists them. */
export function namedResources(record: {
  readonly eventSource?: unknown;
  readonly resources?: readonly TrailResource[];
  readonly requestParameters?: unknown;
  readonly responseElements?: unknown;
}): readonly NamedResource[] {
  const { eventSource, resources = [], requestParameters, responseElements } = record;
  const listed = resources.map(({ type, ARN }) => ({ ResourceType: type, ResourceName: ARN }));
  if (eventSource !== 'iam.amazonaws.com') return listed;
  const { accessKey } = (responseElements ?? {}) as { readonly accessKey?: Members };
  const names: Members = { ...accessKey, ...((requestParameters ?? {}) as Members) };
  for (const [member, ResourceType] of Object.entries(namedByIam)) {
    const ResourceName = names[member];
    if (typeof ResourceName === 'string') listed.push({ ResourceType, ResourceName });
  }
  return listed;
}
