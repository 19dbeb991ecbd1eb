import { describe, expect, it } from 'vitest';
import type { PeekedMessage, QueueHandle } from '#runtime';
import { answerBytes, scannedPages } from './limits.ts';
import { type DescribeMessage, findMessages, readFilter } from './messages.ts';

interface Stored {
  readonly body: string;
  readonly state?: PeekedMessage['state'];
  readonly groupId?: string;
}

const describeMessage: DescribeMessage = ({ payload, sequence }) => ({
  messageId: String(sequence),
  body: Buffer.from(payload).toString(),
});

/** A queue in memory, whose pages hold `pageMax` messages at most. */
function queueOf(stored: readonly Stored[], pageMax = 1000) {
  const asked: number[] = [];
  const handle = {
    record: {} as QueueHandle['record'],
    peek: async ({ after = '0', limit }: { after?: string; limit: number }) => {
      asked.push(limit);
      const from = Number(after);
      const page = stored.slice(from, from + Math.min(limit, pageMax));
      const messages = page.map((each, index) => peeked(each, from + index));
      return page.length === 0 ? { messages } : { messages, next: String(from + page.length) };
    },
  };
  return { handle, asked };
}

function peeked({ body, state = 'waiting', groupId = '' }: Stored, sequence: number): PeekedMessage {
  const times = { sentAt: 1000, availableAt: 2000, firstReceivedAt: 0, receiveCount: 0 };
  const payload = Buffer.from(body);
  return { ...times, messageId: new Uint8Array(16), payload, sequence, state, groupId, origin: undefined };
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => ({ body: `body ${index}` }));
const everything = readFilter({});

async function find(handle: Pick<QueueHandle, 'peek' | 'record'>, search: object = {}) {
  const { messages, ...rest } = await findMessages(handle, describeMessage, {
    ...{ filter: everything, limit: 100, after: undefined },
    ...search,
  });
  return { bodies: messages.map((each) => (each as { body: string }).body), messages, ...rest };
}

describe('a search through a queue', () => {
  it('shows messages with their times in ISO 8601', async () => {
    const { handle } = queueOf([{ body: 'x' }]);
    expect((await find(handle)).messages).toEqual([
      {
        ...{ messageId: '0', body: 'x', state: 'waiting', receiveCount: 0 },
        ...{ sentAt: '1970-01-01T00:00:01.000Z', availableAt: '1970-01-01T00:00:02.000Z' },
      },
    ]);
  });

  it('goes on where it ended, and ends with the queue', async () => {
    const { handle } = queueOf(numbered(25));
    const first = await find(handle, { limit: 10 });
    const second = await find(handle, { limit: 10, after: first.next });
    const third = await find(handle, { limit: 10, after: second.next });
    expect([...first.bodies, ...second.bodies, ...third.bodies]).toEqual(numbered(25).map(({ body }) => body));
    expect([first.next, second.next, third.next]).toEqual(['10', '20', undefined]);
  });

  it('tells of no more where it ends with the last message', async () => {
    const { handle } = queueOf(numbered(10));
    expect(await find(handle, { limit: 10 })).not.toHaveProperty('next');
  });

  it('takes what the filter takes, over many pages, and no page beyond what is wanted', async () => {
    const { handle, asked } = queueOf(numbered(100), 7);
    const { bodies, next } = await find(handle, { filter: readFilter({ contains: '9' }), limit: 3 });
    expect(bodies).toEqual(['body 9', 'body 19', 'body 29']);
    expect(next).toBe('30');
    expect(Math.max(...asked)).toBeLessThanOrEqual(3);
  });

  it('filters by state and group', async () => {
    const { handle } = queueOf([
      { body: 'a', state: 'delayed', groupId: 'g' },
      { body: 'b', state: 'in-flight', groupId: 'g' },
      { body: 'c', state: 'in-flight' },
    ]);
    expect((await find(handle, { filter: readFilter({ state: 'in-flight' }) })).bodies).toEqual(['b', 'c']);
    expect((await find(handle, { filter: readFilter({ group: 'g' }) })).bodies).toEqual(['a', 'b']);
    expect(() => readFilter({ state: 'lost' })).toThrow(
      'state is "lost", but must be one of waiting, delayed, in-flight.',
    );
  });

  it('stops after so many pages, although nothing was found yet', async () => {
    const { handle, asked } = queueOf(numbered(1000), 1);
    const { bodies, next } = await find(handle, { filter: readFilter({ contains: 'body 500' }) });
    expect([bodies, next]).toEqual([[], String(scannedPages)]);
    expect(asked).toHaveLength(scannedPages + 1);
  });

  it('stops when its answer is full', async () => {
    const body = 'x'.repeat(1024 * 1024);
    const { handle } = queueOf(
      Array.from({ length: 20 }, () => ({ body })),
      2,
    );
    const { bodies, next } = await find(handle);
    expect(bodies).toHaveLength(answerBytes / body.length);
    expect(next).toBe('8');
  });
});
