/** What other services do with keys is on record as KMS's, with the service that did it. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Identity, parsePolicy } from '#access';
import type { CallContext } from '#aws/contract';
import { createSealer, type KeyUser, Partition, systemClock } from '#runtime';
import { createCloudTrail, type RunningCloudTrail } from '../../../src/services/cloudtrail/index.ts';
import { createKms, type RunningKms } from '../../../src/services/kms/index.ts';
import { MemoryStore } from '../../../src/storage/memory.ts';

const accountId = '111122223333';
const region = 'eu-west-1';
const queue = { 'aws:sqs:arn': `arn:aws:sqs:${region}:${accountId}:orders` };
const everything = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}';

let directory: string;
let partition: Partition;
let trail: RunningCloudTrail;
let kms: RunningKms;
let keyArn: string;
const logged: unknown[] = [];
const log = { error: (...line: unknown[]) => logged.push(line), info: (...line: unknown[]) => logged.push(line) };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'posthorn-key-uses-'));
  partition = await Partition.open(new MemoryStore());
  const options = { directory, clock: systemClock, log, defaultAccountId: accountId, defaultRegion: region };
  trail = await createCloudTrail(options);
  const { keyUsed } = trail;
  kms = createKms(partition, createSealer(Buffer.alloc(32, 7)), keyUsed === undefined ? {} : { keyUsed });
  const made = (await kms.service.operations.CreateKey?.({} as never, context)) as { KeyMetadata: { Arn: string } };
  keyArn = made.KeyMetadata.Arn;
});
afterAll(async () => {
  await kms.close();
  await trail.close();
  await partition.close();
  await rm(directory, { recursive: true, force: true });
});

const context: CallContext = {
  ...{ accountId, region, requestId: 'r', accessKeyId: accountId, endpoint: 'http://x' },
  client: { gone: false, onGone: () => undefined },
};
const alice = (policies: readonly string[]): Identity => ({
  principal: { kind: 'user', accountId, arn: `arn:aws:iam::${accountId}:user/alice`, userId: 'AIDAALICE', context: {} },
  policies: policies.map((text, index) => ({ name: `inline:${index}`, policy: parsePolicy(text, 'identity') })),
});

/** The last record. */
async function lastRecord(): Promise<Record<string, unknown>> {
  const [lookup] = trail.services;
  // Looking up brings everything to the files.
  await lookup?.operations.LookupEvents?.({ MaxResults: 1 } as never, context);
  const texts = await Promise.all(
    (await readdir(directory)).sort().map((name) => readFile(join(directory, name), 'utf8')),
  );
  return JSON.parse(texts.join('').trimEnd().split('\n').at(-1) ?? '');
}

describe('the use of a key by another service', () => {
  it('is the call of the one for whom it is used', async () => {
    const user: KeyUser = { accountId, region, service: 'sqs', caller: alice([everything]) };
    const { plaintext, sealed } = await kms.keys.generateDataKey(keyArn, user, queue);
    const record = await lastRecord();
    expect(record).toMatchObject({
      ...{ eventSource: 'kms.amazonaws.com', eventName: 'GenerateDataKey', readOnly: true, managementEvent: true },
      userIdentity: { type: 'IAMUser', principalId: 'AIDAALICE', userName: 'alice', invokedBy: 'sqs.amazonaws.com' },
      ...{ sourceIPAddress: 'sqs.amazonaws.com', userAgent: 'sqs.amazonaws.com', awsRegion: region },
      requestParameters: { keyId: keyArn, keySpec: 'AES_256', encryptionContext: queue },
      resources: [{ accountId, type: 'AWS::KMS::Key', ARN: keyArn }],
      ...{ responseElements: null, recipientAccountId: accountId },
    });
    for (const secret of [plaintext, sealed]) expect(JSON.stringify(record)).not.toContain(secret.toString('base64'));
  });

  it("is the service's own where nobody asks; the encryption context tells which it is", async () => {
    const { sealed } = await kms.keys.generateDataKey(keyArn, { accountId, region, service: 'sqs' }, queue);
    expect((await lastRecord()).userIdentity).toEqual({ type: 'AWSService', invokedBy: 'sqs.amazonaws.com' });
    await kms.keys.openDataKey(sealed, queue);
    expect(await lastRecord()).toMatchObject({
      ...{ eventName: 'Decrypt', userIdentity: { type: 'AWSService', invokedBy: 'sqs.amazonaws.com' } },
      requestParameters: { encryptionAlgorithm: 'SYMMETRIC_DEFAULT', encryptionContext: queue },
      ...{ resources: [{ ARN: keyArn }], recipientAccountId: accountId, awsRegion: region },
    });
  });

  it('is on record when it is refused, and why', async () => {
    const user: KeyUser = { accountId, region, service: 'sns', caller: alice([]) };
    await expect(kms.keys.generateDataKey(keyArn, user, queue)).rejects.toMatchObject({ reason: 'access-denied' });
    expect(await lastRecord()).toMatchObject({
      ...{ eventName: 'GenerateDataKey', errorCode: 'AccessDenied' },
      errorMessage: expect.stringContaining('is not authorized to perform: kms:GenerateDataKey'),
      userIdentity: { userName: 'alice', invokedBy: 'sns.amazonaws.com' },
    });
    await kms.service.operations.DisableKey?.({ KeyId: keyArn } as never, context);
    const disabled = kms.keys.generateDataKey(keyArn, { accountId, region, service: 'sqs' }, queue);
    await expect(disabled).rejects.toMatchObject({ reason: 'disabled' });
    expect(await lastRecord()).toMatchObject({ errorCode: 'DisabledException', resources: [{ ARN: keyArn }] });
    expect(logged).toEqual([]);
  });
});
