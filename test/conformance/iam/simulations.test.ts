import {
  AddUserToGroupCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  CreateRoleCommand,
  CreateUserCommand,
  GetContextKeysForCustomPolicyCommand,
  GetContextKeysForPrincipalPolicyCommand,
  type IAMClient,
  type PolicyIdentifier,
  PutGroupPolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  SimulateCustomPolicyCommand,
  type SimulateCustomPolicyCommandInput,
  SimulatePrincipalPolicyCommand,
  type SimulatePrincipalPolicyCommandInput,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  allow,
  deny,
  type IdentityServer,
  invalidInput,
  malformedPolicy,
  newAccount,
  noSuchEntity,
  policyText,
  refused,
  serviceTrust,
  startIdentityServer,
} from './identityServer.ts';

let server: IdentityServer;
let account: string;
let iam: IAMClient;
beforeAll(async () => {
  server = await startIdentityServer();
});
beforeEach(() => {
  account = newAccount();
  iam = server.iamClient(account);
});
afterAll(() => server.close());

const queue = (name: string, owner = account) => `arn:aws:sqs:eu-west-1:${owner}:${name}`;

async function custom(input: Omit<SimulateCustomPolicyCommandInput, 'ActionNames'> & { ActionNames?: string[] }) {
  const { EvaluationResults = [] } = await iam.send(
    new SimulateCustomPolicyCommand({ ActionNames: ['sqs:SendMessage'], ...input }),
  );
  return EvaluationResults;
}

describe('SimulateCustomPolicy', () => {
  it('decides each action on each resource [model: SimulateCustomPolicy]', async () => {
    const text = policyText(allow('sqs:*', queue('a')), deny('sqs:DeleteQueue'));
    const results = await custom({
      PolicyInputList: [text],
      ActionNames: ['sqs:SendMessage', 'sqs:DeleteQueue'],
      ResourceArns: [queue('a'), queue('b')],
    });
    expect(
      results.map(({ EvalActionName, EvalDecision, ResourceSpecificResults = [] }) => [
        ...[EvalActionName, EvalDecision],
        ...ResourceSpecificResults.map((each) => [each.EvalResourceName, each.EvalResourceDecision]),
      ]),
    ).toEqual([
      ['sqs:SendMessage', 'implicitDeny', [queue('a'), 'allowed'], [queue('b'), 'implicitDeny']],
      ['sqs:DeleteQueue', 'explicitDeny', [queue('a'), 'explicitDeny'], [queue('b'), 'explicitDeny']],
    ]);
    const matched = [{ SourcePolicyId: 'PolicyInputList.1', SourcePolicyType: 'none' }];
    const [sending, deleting] = results;
    expect(sending?.ResourceSpecificResults?.[0]?.MatchedStatements).toEqual(matched);
    expect(sending?.ResourceSpecificResults?.[1]?.MatchedStatements).toEqual([]);
    expect(deleting?.MatchedStatements).toEqual(matched);
    const [general] = await custom({ PolicyInputList: [text] });
    expect(general).toMatchObject({ EvalResourceName: '*', EvalDecision: 'implicitDeny' });
    expect(general).not.toHaveProperty('ResourceSpecificResults');
  });

  it('supposes the context that it is told, and tells what is missing [model: ContextEntryListType]', async () => {
    const conditional = { ...allow('sqs:*'), Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } } };
    const input = { PolicyInputList: [policyText(conditional)] };
    const [missing] = await custom(input);
    expect(missing).toMatchObject({ EvalDecision: 'implicitDeny', MissingContextValues: ['aws:RequestedRegion'] });
    const entry = (value: string) => [
      { ContextKeyName: 'aws:RequestedRegion', ContextKeyValues: [value], ContextKeyType: 'string' as const },
    ];
    expect((await custom({ ...input, ContextEntries: entry('eu-west-1') }))[0]).toMatchObject({
      ...{ EvalDecision: 'allowed', MissingContextValues: [] },
    });
    expect((await custom({ ...input, ContextEntries: entry('us-east-1') }))[0]?.EvalDecision).toBe('implicitDeny');
  });

  it('asks the boundary and the policy of the resource [model: SimulateCustomPolicyRequest]', async () => {
    const sending = policyText(allow('sqs:SendMessage'));
    const receiving = policyText(allow('sqs:ReceiveMessage'));
    const [bounded] = await custom({ PolicyInputList: [sending], PermissionsBoundaryPolicyInputList: [receiving] });
    expect(bounded).toMatchObject({
      ...{ EvalDecision: 'implicitDeny', PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false } },
    });
    const owner = newAccount();
    const ResourceArns = [queue('a', owner)];
    const input = { PolicyInputList: [sending], ResourceArns };
    expect((await custom(input))[0]?.EvalDecision).toBe('implicitDeny');
    const ResourcePolicy = policyText({ ...allow('sqs:SendMessage', ResourceArns), Principal: { AWS: account } });
    const CallerArn = `arn:aws:iam::${account}:user/alice`;
    expect((await custom({ ...input, ResourcePolicy, CallerArn }))[0]?.EvalDecision).toBe('allowed');
    const refusal = invalidInput('CallerArn is required when a ResourcePolicy is given.');
    await refused(custom({ ...input, ResourcePolicy }), refusal);
    const two = { PolicyInputList: [sending], PermissionsBoundaryPolicyInputList: [sending, receiving] };
    await refused(custom(two), invalidInput('There can be one permissions boundary only.'));
  });

  it('asks each level of an organization [model: OrderedOrganizationPolicyType]', async () => {
    const level = (...texts: string[]) => ({ ServiceControlPolicyInputList: texts });
    const PolicyInputList = [policyText(allow('*'))];
    const decided = async (...levels: { ServiceControlPolicyInputList: string[] }[]) => {
      const [result] = await custom({ PolicyInputList, OrderedOrganizationPolicyInputList: levels });
      return [result?.EvalDecision, result?.OrganizationsDecisionDetail?.AllowedByOrganizations];
    };
    const everything = policyText(allow('*'));
    expect(await decided(level(everything), level(policyText(allow('sqs:*'))))).toEqual(['allowed', true]);
    expect(await decided(level(everything), level(policyText(allow('sns:*'))))).toEqual(['implicitDeny', false]);
    const denied = level(everything, policyText(deny('sqs:SendMessage')));
    expect(await decided(denied, level(everything))).toEqual(['explicitDeny', false]);
  });

  it('gives pages [model: SimulatePolicyResponse]', async () => {
    const ActionNames = ['sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:PurgeQueue'];
    const input = { PolicyInputList: [policyText(allow('sqs:*'))], ActionNames };
    const first = await iam.send(new SimulateCustomPolicyCommand({ ...input, MaxItems: 2 }));
    expect(first.EvaluationResults).toHaveLength(2);
    const second = await iam.send(new SimulateCustomPolicyCommand({ ...input, Marker: first.Marker }));
    expect(second.EvaluationResults?.map(({ EvalActionName }) => EvalActionName)).toEqual(['sqs:PurgeQueue']);
    expect(second.IsTruncated).toBe(false);
  });

  it('refuses what is no policy, and no action [model: InvalidInputException]', async () => {
    await refused(custom({ PolicyInputList: ['{}'] }), malformedPolicy(/./));
    const call = custom({ PolicyInputList: [policyText(allow('sqs:*'))], ActionNames: ['SendMessage'] });
    await refused(call, {
      ...{ code: 'InvalidInput', message: /^Invalid Action Name: SendMessage/ },
    });
  });
});

describe('SimulatePrincipalPolicy', () => {
  const simulate = async (input: Partial<SimulatePrincipalPolicyCommandInput> & { PolicySourceArn: string }) => {
    const { EvaluationResults = [] } = await iam.send(
      new SimulatePrincipalPolicyCommand({ ActionNames: ['sqs:SendMessage', 'sns:Publish'], ...input }),
    );
    return EvaluationResults.map(({ EvalDecision }) => EvalDecision);
  };

  it('takes a user with its groups and its boundary [model: SimulatePrincipalPolicy]', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'alice' }));
    await iam.send(new CreateGroupCommand({ GroupName: 'senders' }));
    const PolicySourceArn = `arn:aws:iam::${account}:user/alice`;
    expect(await simulate({ PolicySourceArn })).toEqual(['implicitDeny', 'implicitDeny']);
    const putGroup = { PolicyName: 'p', PolicyDocument: policyText(allow('sqs:*')) };
    await iam.send(new PutGroupPolicyCommand({ GroupName: 'senders', ...putGroup }));
    await iam.send(new AddUserToGroupCommand({ GroupName: 'senders', UserName: 'alice' }));
    expect(await simulate({ PolicySourceArn })).toEqual(['allowed', 'implicitDeny']);
    const added = [policyText(allow('sns:Publish'))];
    expect(await simulate({ PolicySourceArn, PolicyInputList: added })).toEqual(['allowed', 'allowed']);
    const denying = { UserName: 'alice', PolicyName: 'p', PolicyDocument: policyText(deny('sns:*')) };
    await iam.send(new PutUserPolicyCommand(denying));
    expect(await simulate({ PolicySourceArn, PolicyInputList: added })).toEqual(['allowed', 'explicitDeny']);
    const PermissionsBoundary = 'arn:aws:iam::aws:policy/AmazonSNSFullAccess';
    await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'alice', PermissionsBoundary }));
    expect(await simulate({ PolicySourceArn })).toEqual(['implicitDeny', 'explicitDeny']);
  });

  it('leaves out what it is told to [model: SimulatePrincipalPolicyRequest.PolicyExclusionList]', async () => {
    const PermissionsBoundary = 'arn:aws:iam::aws:policy/AmazonSQSFullAccess';
    await iam.send(new CreateUserCommand({ UserName: 'alice', PermissionsBoundary }));
    const PolicySourceArn = `arn:aws:iam::${account}:user/alice`;
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonSNSFullAccess';
    await iam.send(new AttachUserPolicyCommand({ UserName: 'alice', PolicyArn }));
    const inline = { UserName: 'alice', PolicyName: 'p', PolicyDocument: policyText(allow('sqs:*')) };
    await iam.send(new PutUserPolicyCommand(inline));
    const without = (...PolicyExclusionList: PolicyIdentifier[]) => simulate({ PolicySourceArn, PolicyExclusionList });
    expect(await without()).toEqual(['allowed', 'implicitDeny']);
    expect(await without({ PolicyType: 'permission-boundary' })).toEqual(['allowed', 'allowed']);
    expect(await without({ PolicyType: 'inline' })).toEqual(['implicitDeny', 'implicitDeny']);
    const named = (AttachmentName: string): PolicyIdentifier => ({
      InlinePolicyIdentifier: { PolicyName: 'p', AttachmentType: 'user', AttachmentName },
    });
    expect(await without(named('al?ce'))).toEqual(['implicitDeny', 'implicitDeny']);
    expect(await without(named('bob'))).toEqual(['allowed', 'implicitDeny']);
    const unbounded: PolicyIdentifier = { PolicyType: 'permission-boundary' };
    const arn: PolicyIdentifier = { PolicyArn: 'arn:aws:iam::aws:policy/AmazonSNS*' };
    expect(await without(unbounded, arn)).toEqual(['allowed', 'implicitDeny']);
    expect(await without(unbounded, { PolicyType: 'aws-managed' })).toEqual(['allowed', 'implicitDeny']);
    expect(await without(unbounded, { PolicyType: 'user-managed' })).toEqual(['allowed', 'allowed']);
    const { EvaluationResults } = await iam.send(
      new SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames: ['sqs:SendMessage'] }),
    );
    expect(EvaluationResults?.[0]?.MatchedStatements).toEqual(
      expect.arrayContaining([{ SourcePolicyId: 'user_alice_p', SourcePolicyType: 'user' }]),
    );
  });

  it('takes a role [model: SimulatePrincipalPolicy]', async () => {
    await iam.send(new CreateRoleCommand({ RoleName: 'worker', AssumeRolePolicyDocument: serviceTrust }));
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonSQSFullAccess';
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'worker', PolicyArn }));
    const PolicySourceArn = `arn:aws:iam::${account}:role/worker`;
    expect(await simulate({ PolicySourceArn })).toEqual(['allowed', 'implicitDeny']);
  });

  it('refuses what is no such source [model: NoSuchEntityException]', async () => {
    await refused(
      simulate({ PolicySourceArn: `arn:aws:iam::${account}:user/nobody` }),
      noSuchEntity('The user with name nobody cannot be found.'),
    );
    const PolicySourceArn = `arn:aws:iam::${account}:policy/x`;
    await refused(
      simulate({ PolicySourceArn }),
      invalidInput(`Invalid Entity Arn: ${PolicySourceArn} does not clearly define entity type and name.`),
    );
  });
});

const variable = (inner: string): string => `\${${inner}}`;

describe('GetContextKeys', () => {
  it('finds keys of conditions and variables [model: GetContextKeysForCustomPolicy]', async () => {
    const text = policyText({
      ...allow('sqs:*', [`arn:aws:sqs:*:*:${variable('aws:username')}-*`, `arn:aws:sqs:*:*:${variable('*')}`]),
      Condition: {
        StringLike: { 'aws:PrincipalTag/team': variable("aws:RequestTag/team, 'none'") },
        Bool: { 'aws:SecureTransport': 'true' },
      },
    });
    const own = ['aws:PrincipalTag/team', 'aws:RequestTag/team', 'aws:SecureTransport', 'aws:username'];
    const { ContextKeyNames } = await iam.send(new GetContextKeysForCustomPolicyCommand({ PolicyInputList: [text] }));
    expect(ContextKeyNames).toEqual(own);
    await iam.send(new CreateUserCommand({ UserName: 'alice' }));
    await iam.send(new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'p', PolicyDocument: text }));
    const PolicySourceArn = `arn:aws:iam::${account}:user/alice`;
    const second = policyText({ ...allow('sns:*'), Condition: { Bool: { 'aws:ViaAWSService': 'false' } } });
    const both = await iam.send(
      new GetContextKeysForPrincipalPolicyCommand({ PolicySourceArn, PolicyInputList: [second] }),
    );
    expect(both.ContextKeyNames).toEqual([...own, 'aws:ViaAWSService'].sort());
  });
});
