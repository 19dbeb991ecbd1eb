import { expect, it } from 'vitest';
import { CommitFailed, MoveAlreadyRunning, QueueGone } from '#runtime';
import { StoreUnusable } from '#storage';
import { Rpc, type RpcMessage } from './rpc.ts';

interface Methods {
  add(one: number, other: number): number;
  join(parts: readonly Uint8Array[]): Promise<Uint8Array>;
  fail(kind: string): Promise<void>;
  give(): () => void;
  wait(): Promise<string>;
  note(text: string): void;
}

const errors: Readonly<Record<string, Error>> = {
  gone: new QueueGone('orders'),
  commit: new CommitFailed('no-space', 'The disk is full.'),
  move: new MoveAlreadyRunning('One runs.'),
  store: new StoreUnusable('locked', 'It is in use.'),
  bug: new TypeError('undefined is not a queue'),
};

/** Two ends in one process; what goes between them is copied, as between processes. */
function openPair() {
  const noted: string[] = [];
  const reported: Error[] = [];
  const methods: Methods = {
    add: (one, other) => one + other,
    join: async (parts) => Buffer.concat(parts),
    fail: async (kind) => {
      throw errors[kind] ?? kind;
    },
    give: () => () => undefined,
    wait: () => new Promise(() => undefined),
    note: (text) => {
      if (text === '') throw new Error('nothing to note');
      noted.push(text);
    },
  };
  const wire = (other: () => Rpc<Methods>) => (message: RpcMessage) => {
    const copy = structuredClone(message);
    setImmediate(() => other().take(copy));
  };
  const shared = {
    methodOf: (name: string) => methods[name as keyof Methods],
    report: (error: Error) => reported.push(error),
  };
  const near: Rpc<Methods> = new Rpc<Methods>({ ...shared, send: wire(() => far) });
  const far: Rpc<Methods> = new Rpc<Methods>({ ...shared, send: wire(() => near) });
  return { near, far, noted, reported };
}

it('answers calls of both sides, whatever they are called with', async () => {
  const { near, far } = openPair();
  expect(await Promise.all([near.call('add', 1, 2), far.call('add', 3, 4), near.call('add', 5, 6)])).toEqual([
    3, 7, 11,
  ]);
  const joined = await near.call('join', [Buffer.from('ab'), Buffer.from('cd')]);
  expect(Buffer.from(joined).toString()).toBe('abcd');
});

it.each(Object.entries(errors))('brings errors as what they were: %s', async (kind, error) => {
  const caught: unknown = await openPair()
    .near.call('fail', kind)
    .catch((reason: unknown) => reason);
  const { name, message } = error;
  expect(caught).toMatchObject({ name, message, ...('reason' in error && { reason: error.reason }) });
  if (kind !== 'bug') expect(caught).toBeInstanceOf(error.constructor);
});

it('rejects what does not cross, and what nobody does', async () => {
  const { near } = openPair();
  await expect(near.call('join', [(() => undefined) as never])).rejects.toThrow('could not be cloned');
  await expect(near.call('give')).rejects.toThrow('could not be cloned');
  await expect(near.call('sing' as 'give')).rejects.toThrow('There is no method sing.');
});

it('tells without an answer, and reports what goes wrong then', async () => {
  const { near, noted, reported } = openPair();
  near.tell('note', 'first');
  near.tell('note', '');
  near.tell('note', 'second');
  await near.call('add', 0, 0);
  expect(noted).toEqual(['first', 'second']);
  expect(reported).toEqual([new Error('nothing to note')]);
});

it('rejects what is under way when the other side is lost, and all that comes then', async () => {
  const { near, noted } = openPair();
  const waiting = near.call('wait');
  near.lose(new Error('lost'));
  await expect(waiting).rejects.toThrow('lost');
  await expect(near.call('add', 1, 2)).rejects.toThrow('lost');
  near.tell('note', 'in vain');
  await new Promise(setImmediate);
  expect(noted).toEqual([]);
});
