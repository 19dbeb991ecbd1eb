/** What happens to keys by itself, on a clock that the tests move. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallContext } from '#aws/contract';
import { type Clock, createSealer, Partition, type Vault } from '#runtime';
import { CommitFailed } from '#storage';
import { MemoryStore } from '#storage/memory';
import { createKms, type RunningKms } from './index.ts';

const day = 86_400_000;

class ManualClock implements Clock {
  #now = 1_700_000_000_000;
  #tasks: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  schedule(at: number, run: () => void): () => void {
    const task = { at, run };
    this.#tasks.push(task);
    return () => {
      this.#tasks = this.#tasks.filter((each) => each !== task);
    };
  }

  nextTurn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Not the timers: a server that is down runs none. */
  leap(milliseconds: number): void {
    this.#now += milliseconds;
  }

  runDue(): void {
    const due = this.#tasks.filter(({ at }) => at <= this.#now);
    this.#tasks = this.#tasks.filter(({ at }) => at > this.#now);
    for (const { run } of due) run();
  }
}

/** The partition's own sweeps are not what is tested here. */
const stillClock = (clock: Clock): Clock => ({
  now: () => clock.now(),
  schedule: () => () => undefined,
  nextTurn: () => clock.nextTurn(),
});

let store: MemoryStore;
let clock: ManualClock;
let vault: Vault;
let partition: Partition;
let kms: RunningKms;
let reported: Error[];

async function start(): Promise<void> {
  partition = await Partition.open(store, { clock: stillClock(clock) });
  kms = createKms(partition, vault, { clock, report: (error) => reported.push(error) });
  await kms.settled();
}

async function stop(): Promise<void> {
  await kms.close();
  await partition.close();
}

beforeEach(async () => {
  store = new MemoryStore();
  clock = new ManualClock();
  vault = createSealer(randomBytes(32));
  reported = [];
  await start();
});
afterEach(stop);

const context = { accountId: '111122223333', region: 'eu-west-1' } as CallContext;
type Answer = Readonly<Record<string, never>>;

async function call(operation: string, input: object = {}): Promise<Answer> {
  const found = kms.service.operations[operation];
  const answer = (await found?.(input as never, context)) as Answer;
  await kms.settled();
  return answer;
}

async function newKey(): Promise<string> {
  return ((await call('CreateKey')).KeyMetadata as unknown as { KeyId: string }).KeyId;
}

const encrypt = async (KeyId: string) => (await call('Encrypt', { KeyId, Plaintext: Buffer.from('x') })).CiphertextBlob;

async function pass(days: number): Promise<void> {
  clock.leap(days * day);
  clock.runDue();
  await kms.settled();
}

async function rotations(KeyId: string): Promise<{ RotationType: string; RotationDate: number }[]> {
  return (await call('ListKeyRotations', { KeyId })).Rotations as unknown as [];
}

describe('a key whose deletion is due', () => {
  it('goes with all that was of it, and not before', async () => {
    const KeyId = await newKey();
    await call('CreateAlias', { AliasName: 'alias/a', TargetKeyId: KeyId });
    const GranteePrincipal = 'arn:aws:iam::111122223333:root';
    await call('CreateGrant', {
      KeyId,
      GranteePrincipal,
      RetiringPrincipal: GranteePrincipal,
      Operations: ['Encrypt'],
      Name: 'n',
    });
    const CiphertextBlob = await encrypt(KeyId);
    const kept = await newKey();
    await call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
    await pass(6.9);
    expect(await call('DescribeKey', { KeyId })).toMatchObject({ KeyMetadata: { KeyState: 'PendingDeletion' } });
    await pass(0.2);
    await expect(call('DescribeKey', { KeyId })).rejects.toMatchObject({ code: 'NotFoundException' });
    await expect(call('DescribeKey', { KeyId: 'alias/a' })).rejects.toMatchObject({ code: 'NotFoundException' });
    await expect(call('Decrypt', { CiphertextBlob })).rejects.toMatchObject({ code: 'NotFoundException' });
    const range = { from: Buffer.of(0x30), to: Buffer.of(0x31), limit: 1000 };
    const left = (await store.scan(range)).map(({ key }) => Buffer.from(key).toString());
    expect(left.filter((key) => key.includes(KeyId))).toEqual([]);
    expect(left.filter((key) => key.includes(kept))).toHaveLength(2);
    expect(reported).toEqual([]);
  });

  it('goes at the start, if no server ran then', async () => {
    const KeyId = await newKey();
    await call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
    await stop();
    store = store.reopen();
    clock.leap(8 * day);
    await start();
    await expect(call('DescribeKey', { KeyId })).rejects.toMatchObject({ code: 'NotFoundException' });
  });

  it('stays, if that was called off', async () => {
    const KeyId = await newKey();
    await call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
    await call('CancelKeyDeletion', { KeyId });
    await pass(31);
    expect(await call('DescribeKey', { KeyId })).toMatchObject({ KeyMetadata: { KeyState: 'Disabled' } });
  });

  it('goes later, if the store refuses, and keeps no other one waiting', async () => {
    const [first, second] = [await newKey(), await newKey()];
    await call('ScheduleKeyDeletion', { KeyId: first, PendingWindowInDays: 7 });
    await call('ScheduleKeyDeletion', { KeyId: second, PendingWindowInDays: 8 });
    clock.leap(9 * day);
    store.failNextCommit('no-space');
    clock.runDue();
    await kms.settled();
    expect(reported).toEqual([expect.any(CommitFailed)]);
    await expect(call('DescribeKey', { KeyId: second })).rejects.toMatchObject({ code: 'NotFoundException' });
    await pass(1 / 24);
    await expect(call('DescribeKey', { KeyId: first })).rejects.toMatchObject({ code: 'NotFoundException' });
  });
});

describe('automatic rotation', () => {
  it('comes at each date, and old ciphertexts still decrypt', async () => {
    const KeyId = await newKey();
    await call('EnableKeyRotation', { KeyId, RotationPeriodInDays: 90 });
    const enabledAt = clock.now();
    const ciphertexts = [await encrypt(KeyId)];
    for (let period = 1; period <= 3; period++) {
      await pass(90);
      ciphertexts.push(await encrypt(KeyId));
      const all = await rotations(KeyId);
      expect(all).toHaveLength(period);
      expect(all.at(-1)).toMatchObject({ RotationType: 'AUTOMATIC', RotationDate: enabledAt + period * 90 * day });
    }
    const ids = await Promise.all(
      ciphertexts.map(async (CiphertextBlob) => (await call('Decrypt', { CiphertextBlob })).KeyMaterialId),
    );
    expect(new Set(ids).size).toBe(4);
  });

  it('ends when it is disabled', async () => {
    const KeyId = await newKey();
    await call('EnableKeyRotation', { KeyId, RotationPeriodInDays: 90 });
    await call('DisableKeyRotation', { KeyId });
    await pass(200);
    expect(await rotations(KeyId)).toEqual([]);
  });

  it('waits while the key is disabled, and is made up for once', async () => {
    const KeyId = await newKey();
    await call('EnableKeyRotation', { KeyId, RotationPeriodInDays: 90 });
    await call('DisableKey', { KeyId });
    await pass(300);
    expect(await rotations(KeyId)).toEqual([]);
    await call('EnableKey', { KeyId });
    expect(await rotations(KeyId)).toHaveLength(1);
    const { NextRotationDate } = await call('GetKeyRotationStatus', { KeyId });
    expect(NextRotationDate).toBe(clock.now() + 90 * day);
  });

  it('is made up for once after a long time without a server', async () => {
    const KeyId = await newKey();
    await call('EnableKeyRotation', { KeyId, RotationPeriodInDays: 90 });
    await stop();
    store = store.reopen();
    clock.leap(1000 * day);
    await start();
    expect(await rotations(KeyId)).toHaveLength(1);
  });

  it('happens to AWS managed keys every year', async () => {
    const { KeyMetadata } = await call('DescribeKey', { KeyId: 'alias/aws/sqs' });
    const { KeyId } = KeyMetadata as unknown as { KeyId: string };
    await pass(365);
    expect(await rotations(KeyId)).toHaveLength(1);
  });
});
