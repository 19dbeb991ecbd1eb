/** What a process at the edge asks, and what it is answered, where no server is needed to see it. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { AnsweredElsewhere, type Reply } from '../../src/aws/index.ts';
import { Channel } from '../../src/edge/channel.ts';
import { EdgeCalls, type EdgeCallsOptions } from '../../src/edge/edgeCalls.ts';
import { toQueues } from '../../src/edge/frames.ts';
import { RemoteQueues } from '../../src/edge/remoteQueues.ts';
import { writeForwarded } from '../../src/edge/requests.ts';
import { CommitFailed, QueueGone, type QueueHandle } from '../../src/runtime/index.ts';
import { socketPair } from './socketPair.ts';

/** The edge's side of a pipe, and what is on record at the other side. */
async function open(options: Partial<EdgeCallsOptions>) {
  const { near, far } = await socketPair();
  const logged: { details: object; text: string }[] = [];
  const ignore = () => undefined;
  new EdgeCalls(far, {
    ...{ partition: { queue: ignore as never }, isPlain: () => true, mustForward: () => false, serve: ignore },
    ...{ adopt: ignore, onMetric: ignore, onReady: ignore, onConnectionTaken: ignore, onConnectionEnded: ignore },
    log: { error: (details, text) => logged.push({ details, text }), debug: ignore },
    ...options,
  });
  let calls = 0;
  const channel = new Channel(near, (frame) => queues.take(frame), ignore);
  const queues = new RemoteQueues(channel, () => ++calls);
  return { channel, queues, logged, pipe: near };
}

/** A queue of which only what is given can be done. */
function queueThat(send: () => never): { queue: () => Promise<QueueHandle> } {
  const record = { accountId: '111122223333', region: 'eu-west-1', name: 'orders' };
  return { queue: async () => ({ record, ended: undefined, send }) as unknown as QueueHandle };
}

describe('a call that fails', () => {
  const fail = (error: Error) => async (): Promise<never> => {
    throw error;
  };

  it('is on record where it failed, before its request goes there', async () => {
    const broken = new Error('the index is broken');
    const { queues, logged } = await open({ partition: { queue: fail(broken) } });
    await expect(queues.queue('111122223333', 'eu-west-1', 'orders')).rejects.toThrow(AnsweredElsewhere);
    expect(logged).toEqual([{ details: { err: broken }, text: 'a call from the edge failed unexpectedly' }]);
  });

  it('is on record as well if it fails at once', async () => {
    const broken = new Error('a message that nobody thought of');
    const partition = queueThat(() => {
      throw broken;
    });
    const { queues, logged } = await open({ partition });
    const queue = await queues.queue('111122223333', 'eu-west-1', 'orders');
    await expect(queue?.send([])).rejects.toThrow(AnsweredElsewhere);
    expect(logged).toEqual([{ details: { err: broken }, text: 'a call from the edge failed unexpectedly' }]);
  });

  it.each([new QueueGone('orders'), new CommitFailed('no-space', 'The disk is full.')])(
    'is not if others have told already: %s',
    async (error) => {
      const { queues, logged } = await open({ partition: { queue: fail(error) } });
      await expect(queues.queue('111122223333', 'eu-west-1', 'orders')).rejects.toThrow(AnsweredElsewhere);
      expect(logged).toEqual([]);
    },
  );
});

it('a client that leaves is told of once, even if its process follows', async () => {
  let gone = 0;
  let closed: () => void = () => undefined;
  const replies: Reply[] = [];
  const served = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const serve = (_request: unknown, _body: unknown, reply: Reply) => {
    replies.push(reply);
    reply.onGone(() => {
      gone += 1;
    });
    if (replies.length === 2) closed();
  };
  const { channel, pipe } = await open({ serve });
  const request = { method: 'POST', url: '/', headers: {}, rawHeaders: [], socket: {} };
  for (const call of [1, 2]) {
    channel.send(toQueues.request, call, (frame) => writeForwarded(frame, request, {}));
  }
  await served;
  const second = new Promise<void>((resolve) => replies[1]?.onGone(resolve));
  channel.send(toQueues.clientLeft, 1);
  await new Promise<void>((resolve) => replies[0]?.onGone(resolve));
  expect({ gone, open: replies.map(({ isOpen }) => isOpen) }).toEqual({ gone: 1, open: [false, true] });
  pipe.end();
  await Promise.all([second, once(pipe, 'close')]);
  expect({ gone, open: replies.map(({ isOpen }) => isOpen) }).toEqual({ gone: 2, open: [false, false] });
});
