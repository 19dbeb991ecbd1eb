/** What the edge finds out by itself of a signature, and what it asks. */
import { describe, expect, it } from 'vitest';
import { type CredentialHolder, parsePolicy } from '../../src/access/index.ts';
import type { CallContext, ServiceContract } from '../../src/aws/contract.ts';
import { sqs as contract } from '../../src/aws/generated/sqs.ts';
import { AnsweredElsewhere, EdgeAdmission, Guard, type KeyHolders, type SignedRequest } from '../../src/aws/index.ts';
import { Channel } from '../../src/edge/channel.ts';
import { EdgeCalls } from '../../src/edge/edgeCalls.ts';
import { EdgeGuard } from '../../src/edge/edgeGuard.ts';
import { RemoteQueues } from '../../src/edge/remoteQueues.ts';
import { sign } from '../conformance/signature.ts';
import { socketPair } from './socketPair.ts';

const account = '111122223333';
const key = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret', region: 'eu-west-1', service: 'sqs' };
const QueueUrl = `http://localhost/${account}/orders`;

function holderWho(actions: readonly string[], more: Partial<CredentialHolder> = {}): CredentialHolder {
  const text = JSON.stringify({
    Version: '2012-10-17',
    Statement: actions.map((Action) => ({ Effect: 'Allow', Action, Resource: '*' })),
  });
  const arn = `arn:aws:iam::${account}:user/ann`;
  return {
    secretAccessKey: key.secretAccessKey,
    identity: {
      principal: { kind: 'user', accountId: account, arn, userId: 'AIDAANN', context: {} },
      policies: actions.length === 0 ? [] : [{ name: 'inline:own', policy: parsePolicy(text, 'identity') }],
    },
    ...more,
  };
}

/** An edge, and the other side of it, where `holders` says who holds which key. */
async function open(holders: Map<string, CredentialHolder>) {
  const { near, far } = await socketPair();
  const ignore = () => undefined;
  const used: string[] = [];
  const logged: unknown[] = [];
  const keyHolders: KeyHolders = {
    credentialHolder: (accessKeyId) => holders.get(accessKeyId),
    used: (...what) => used.push(what.join(' ')),
  };
  const service = {
    contract: contract as ServiceContract,
    operations: {},
    accessOf: (operation: string, { QueueUrl: url = '' }: { QueueUrl?: string }, { region }: CallContext) => [
      {
        ...{ action: `sqs:${operation}`, resource: `arn:aws:sqs:${region}:${url.split('/').slice(3).join(':')}` },
        ...{ resourceAccountId: account, context: {} },
      },
    ],
  };
  const guard = new Guard({ holders: keyHolders, now: Date.now });
  new EdgeCalls(far, {
    ...{ partition: { queue: ignore as never }, isPlain: () => true, mustForward: () => false, serve: ignore },
    ...{ adopt: ignore, onMetric: ignore, onReady: ignore, onConnectionTaken: ignore, onConnectionEnded: ignore },
    log: { error: (details) => logged.push(details), debug: ignore },
    admission: new EdgeAdmission({ guard, holders: keyHolders, service }),
  });
  let calls = 0;
  const channel = new Channel(near, (frame) => queues.take(frame), ignore);
  const queues = new RemoteQueues(channel, () => ++calls);
  const edge = new EdgeGuard(queues);
  const call = async (operation: string, by = key) => {
    const authenticated = await edge.authenticate(signedRequest(by), { contract: service.contract, operation });
    const { identity: caller, region = '' } = authenticated;
    const context = { caller, region, conditions: { 'aws:SourceIp': '10.0.0.1' } } as unknown as CallContext;
    return edge.accessOf(operation, { QueueUrl } as never, context);
  };
  return { call, used, logged, calls: () => calls };
}

function signedRequest(by: typeof key): SignedRequest {
  const url = new URL('http://localhost:4566/');
  const signed = sign({ method: 'POST', url, headers: {}, body: '{}' }, by, new Date());
  return { method: 'POST', path: '/', query: '', rawHeaders: Object.entries(signed).flat(), body: Buffer.from('{}') };
}

describe('an edge', () => {
  it('verifies who is known by itself, and asks for each call whether it is allowed', async () => {
    const { call, calls, used } = await open(new Map([[key.accessKeyId, holderWho(['sqs:SendMessage'])]]));
    expect(await call('SendMessage')).toEqual([]);
    expect(calls()).toBe(2);
    expect(await call('SendMessage')).toEqual([]);
    expect(calls()).toBe(3);
    expect(used).toEqual(['AKIDEXAMPLE eu-west-1 sqs', 'AKIDEXAMPLE eu-west-1 sqs']);
  });

  it('leaves to others whom it does not let in, and what they say', async () => {
    const { call, logged, used } = await open(new Map([[key.accessKeyId, holderWho(['sqs:SendMessage'])]]));
    await expect(call('DeleteMessage')).rejects.toThrow(AnsweredElsewhere);
    await expect(call('SendMessage', { ...key, secretAccessKey: 'another' })).rejects.toThrow(AnsweredElsewhere);
    await expect(call('SendMessage', { ...key, accessKeyId: 'AKIDNOBODY' })).rejects.toThrow(AnsweredElsewhere);
    await expect(call('SendMessage', { ...key, service: 'sns' })).rejects.toThrow(AnsweredElsewhere);
    expect([logged, used]).toEqual([[], []]);
  });

  it('honours nothing that has changed', async () => {
    const holders = new Map([[key.accessKeyId, holderWho(['sqs:SendMessage'])]]);
    const { call } = await open(holders);
    await call('SendMessage');
    holders.set(key.accessKeyId, holderWho(['sqs:ReceiveMessage']));
    await expect(call('SendMessage')).rejects.toThrow(AnsweredElsewhere);
    await expect(call('SendMessage')).rejects.toThrow(AnsweredElsewhere);
    expect(await call('ReceiveMessage')).toEqual([]);
    holders.delete(key.accessKeyId);
    await expect(call('ReceiveMessage')).rejects.toThrow(AnsweredElsewhere);
    holders.set(key.accessKeyId, holderWho(['sqs:*'], { secretAccessKey: 'a new secret' }));
    await expect(call('ReceiveMessage')).rejects.toThrow(AnsweredElsewhere);
    expect(await call('ReceiveMessage', { ...key, secretAccessKey: 'a new secret' })).toEqual([]);
  });

  it('lets in no session that is over', async () => {
    const { call } = await open(new Map([[key.accessKeyId, holderWho(['sqs:*'], { expiresAt: Date.now() - 1 })]]));
    await expect(call('SendMessage')).rejects.toThrow(AnsweredElsewhere);
  });
});
