import {
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  GetUserCommand,
  type IAMClient,
  ListPolicyTagsCommand,
  ListRoleTagsCommand,
  ListUserTagsCommand,
  type Tag,
  TagPolicyCommand,
  TagRoleCommand,
  TagUserCommand,
  UntagPolicyCommand,
  UntagRoleCommand,
  UntagUserCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  allow,
  type IdentityServer,
  invalidInput,
  newAccount,
  noSuchEntity,
  policyText,
  refused,
  serviceTrust,
  startIdentityServer,
  validationError,
} from './identityServer.ts';

let server: IdentityServer;
let iam: IAMClient;
let PolicyArn: string;
beforeAll(async () => {
  server = await startIdentityServer();
});
beforeEach(async () => {
  const account = newAccount();
  iam = server.iamClient(account);
  PolicyArn = `arn:aws:iam::${account}:policy/x`;
  await iam.send(new CreateUserCommand({ UserName: 'x' }));
  await iam.send(new CreateRoleCommand({ RoleName: 'x', AssumeRolePolicyDocument: serviceTrust }));
  await iam.send(new CreatePolicyCommand({ PolicyName: 'x', PolicyDocument: policyText(allow('sqs:*')) }));
});
afterAll(() => server.close());

const insensitive = 'Duplicate tag keys found. Please note that Tag keys are case insensitive.';
const kinds = [
  {
    ...{ kind: 'user', duplicates: insensitive },
    tag: (Tags: Tag[]) => iam.send(new TagUserCommand({ UserName: 'x', Tags })),
    untag: (TagKeys: string[]) => iam.send(new UntagUserCommand({ UserName: 'x', TagKeys })),
    list: (more: object = {}) => iam.send(new ListUserTagsCommand({ UserName: 'x', ...more })),
  },
  {
    ...{ kind: 'role', duplicates: insensitive },
    tag: (Tags: Tag[]) => iam.send(new TagRoleCommand({ RoleName: 'x', Tags })),
    untag: (TagKeys: string[]) => iam.send(new UntagRoleCommand({ RoleName: 'x', TagKeys })),
    list: (more: object = {}) => iam.send(new ListRoleTagsCommand({ RoleName: 'x', ...more })),
  },
  {
    ...{ kind: 'policy', duplicates: 'Duplicate tag keys found.' },
    tag: (Tags: Tag[]) => iam.send(new TagPolicyCommand({ PolicyArn, Tags })),
    untag: (TagKeys: string[]) => iam.send(new UntagPolicyCommand({ PolicyArn, TagKeys })),
    list: (more: object = {}) => iam.send(new ListPolicyTagsCommand({ PolicyArn, ...more })),
  },
] as const;

const of = (...pairs: readonly (readonly [string, string])[]): Tag[] => pairs.map(([Key, Value]) => ({ Key, Value }));

describe.each(kinds)('tags of a $kind', ({ duplicates, tag, untag, list }) => {
  it('are set, changed, listed and taken away [aws: policy tag operations]', async () => {
    expect((await list()).Tags).toEqual([]);
    await tag(of(['somekey', 'v'], ['someotherkey', 'w']));
    await tag(of(['somekey', '']));
    expect(await list()).toMatchObject({ Tags: of(['somekey', ''], ['someotherkey', 'w']), IsTruncated: false });
    const first = await list({ MaxItems: 1 });
    expect(first).toMatchObject({ Tags: of(['somekey', '']), IsTruncated: true });
    expect((await list({ Marker: first.Marker })).Tags).toEqual(of(['someotherkey', 'w']));
    await untag(['somekey', 'nothing']);
    expect((await list()).Tags).toEqual(of(['someotherkey', 'w']));
  });

  it('refuse a key twice, one of AWS, and too many [aws: role tag errors]', async () => {
    await refused(tag(of(['a', '1'], ['a', '2'])), invalidInput(duplicates));
    await refused(tag(of(['aws:a', '1'])), invalidInput('Tag keys that begin with aws: are reserved.'));
    const many = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
    await refused(
      tag(many),
      validationError(/at 'tags' failed to satisfy constraint: Member must have length less than/),
    );
    await tag(many.slice(0, 50));
    await refused(tag(of(['one more', ''])), { code: 'LimitExceeded', status: 409, message: /maximum limit/ });
    await tag(of(['k0', 'changed']));
  });

  it('refuse odd characters [aws: policy tag create errors]', async () => {
    await refused(tag(of(['a!', ''])), validationError(/at 'tags.1.member.key' failed to satisfy constraint/));
  });
});

describe('the case of tags', () => {
  it('makes no difference to users, and one to policies [aws: policy tag operations]', async () => {
    await iam.send(new TagUserCommand({ UserName: 'x', Tags: of(['Key', '1']) }));
    await iam.send(new TagUserCommand({ UserName: 'x', Tags: of(['KEY', '2']) }));
    expect((await iam.send(new GetUserCommand({ UserName: 'x' }))).User?.Tags).toEqual(of(['KEY', '2']));
    await iam.send(new TagPolicyCommand({ PolicyArn, Tags: of(['a', 'lower'], ['A', 'upper']) }));
    const { Tags } = await iam.send(new ListPolicyTagsCommand({ PolicyArn }));
    expect(Tags).toEqual(of(['A', 'upper'], ['a', 'lower']));
  });

  it('is of entities that are there [aws: user tag errors]', async () => {
    const call = iam.send(new TagUserCommand({ UserName: 'nobody', Tags: of(['a', '']) }));
    await refused(call, noSuchEntity('The user with name nobody cannot be found.'));
  });
});
