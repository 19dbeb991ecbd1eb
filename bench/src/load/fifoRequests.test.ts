import { expect, test } from 'vitest';
import { fifoSendBatchRequests, fifoSendRequests, groupOf } from './fifoRequests.ts';

type Entry = { MessageBody: string; MessageGroupId: string; MessageDeduplicationId: string };

function bodyOf(request: string): string {
  const [heading = '', body = ''] = request.split('\r\n\r\n');
  expect(Number(/content-length: (\d+)$/.exec(heading)?.[1])).toBe(body.length);
  return body;
}

test('the parts of a job go through all groups in turn', () => {
  const both = [0, 1].map((index) => ({ groups: 6, part: { index, of: 2 } }));
  const taken = [0, 1, 2].flatMap((count) => both.map((spreading) => groupOf(count, spreading)));
  expect(new Set(taken).size).toBe(6);
  expect(groupOf(3, { groups: 6, part: { index: 0, of: 2 } })).toBe(taken[0]);
});

test('no deduplication id comes twice, in whatever request', () => {
  const spreading = { groups: 3, part: { index: 0, of: 1 } };
  const url = 'http://127.0.0.1:1/000000000000/q.fifo';
  const single = fifoSendRequests(1, url, 'hello', spreading);
  const batch = fifoSendBatchRequests(1, url, 'hello', spreading);
  const sent: Entry[] = [JSON.parse(bodyOf(single())), JSON.parse(bodyOf(single()))];
  for (const { Entries } of [JSON.parse(bodyOf(batch())), JSON.parse(bodyOf(batch()))]) sent.push(...Entries);
  expect(sent).toHaveLength(22);
  expect(new Set(sent.map((entry) => entry.MessageDeduplicationId)).size).toBe(22);
  expect(new Set(sent.map((entry) => entry.MessageGroupId)).size).toBe(3);
  expect(sent.every((entry) => entry.MessageBody === 'hello')).toBe(true);
});
