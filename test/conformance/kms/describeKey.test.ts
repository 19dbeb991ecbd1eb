import { CreateAliasCommand, DescribeKeyCommand, DisableKeyCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { describeOurs, uniqueName } from '../target.ts';
import { refusesAbsentAliases, refusesAbsentKeys } from './keyRefusals.ts';
import { aliasArnOf, arnOf, doomedKey, invalidGrantToken, kms, newKey, refused } from './target.ts';

const described = async (KeyId: string, client = kms()) =>
  (await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;

describe('DescribeKey', () => {
  it('takes an id, an ARN, an alias and its ARN [model: DescribeKeyRequest.KeyId]', async () => {
    const key = await newKey({ Description: 'x' });
    const AliasName = `alias/${uniqueName('key')}`;
    await kms().send(new CreateAliasCommand({ AliasName, TargetKeyId: key.KeyId }));
    for (const name of [key.KeyId, key.Arn, AliasName, aliasArnOf(AliasName)]) {
      expect(await described(name)).toMatchObject({ KeyId: key.KeyId, Arn: key.Arn, Description: 'x' });
    }
  });

  it('tells the state [model: KeyMetadata.KeyState]', async () => {
    const { KeyId } = await newKey();
    await kms().send(new DisableKeyCommand({ KeyId }));
    expect(await described(KeyId)).toMatchObject({ KeyState: 'Disabled', Enabled: false });
    const doomed = await described((await doomedKey()).KeyId);
    expect(doomed).toMatchObject({ KeyState: 'PendingDeletion', Enabled: false, DeletionDate: expect.any(Date) });
  });

  refusesAbsentKeys('DescribeKey', (KeyId) => ({ KeyId }));
  refusesAbsentAliases('DescribeKey', (KeyId) => ({ KeyId }));

  it('refuses grant tokens that are none [model: InvalidGrantTokenException]', async () => {
    const { KeyId } = await newKey();
    await refused('DescribeKey', { KeyId, GrantTokens: ['x'] }, invalidGrantToken);
  });
});

describeOurs('DescribeKey of AWS managed keys', () => {
  it.each(['sqs', 'sns', 'kinesis'])(
    'makes alias/aws/%s when it is first asked for [model: DescribeKey]',
    async (service) => {
      const all = await Promise.all([1, 2, 3].map(() => described(`alias/aws/${service}`)));
      const [first] = all;
      expect(first).toMatchObject({ KeyManager: 'AWS', KeyState: 'Enabled', KeySpec: 'SYMMETRIC_DEFAULT' });
      expect(new Set(all.map((key) => key?.KeyId)).size).toBe(1);
    },
  );

  it('makes another one in another region and account [facts: AWS managed keys]', async () => {
    const here = await described('alias/aws/sqs');
    const elsewhere = await described('alias/aws/sqs', kms({ region: 'ap-south-1' }));
    const others = await described('alias/aws/sqs', kms({ accountId: '444455556666' }));
    expect(new Set([here, elsewhere, others].map((key) => key?.KeyId)).size).toBe(3);
  });

  it.each([
    ['DisableKey', {}],
    ['ScheduleKeyDeletion', {}],
    ['PutKeyPolicy', { PolicyName: 'default', Policy: '{}' }],
    ['EnableKeyRotation', {}],
    ['TagResource', { Tags: [] }],
  ])('lets nobody call %s on them [facts: AWS managed keys]', async (operation, more) => {
    const { KeyId = '', Arn } = (await described('alias/aws/sqs')) ?? {};
    const user = arnOf('')
      .replace(/kms:[^:]*/, 'iam:')
      .replace('key/', 'root');
    const message = `User: ${user} is not authorized to perform: kms:${operation} on resource: ${Arn} because no resource-based policy allows the kms:${operation} action`;
    await refused(operation, { KeyId, ...more }, { code: 'AccessDeniedException', message });
  });
});
