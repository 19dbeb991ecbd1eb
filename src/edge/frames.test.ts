import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameCutter, type FrameReader, FrameWriter } from './frames.ts';
import {
  readChange,
  readDeliveredMessage,
  readList,
  readNewMessage,
  readSentMessage,
  writeChange,
  writeDeliveredMessage,
  writeList,
  writeNewMessage,
  writeSentMessage,
} from './messages.ts';

const bytes = fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each));
const moment = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const receipt = {
  lane: fc.nat(254),
  availableAt: moment,
  sequence: moment,
  attempt: fc.nat(2 ** 31 - 1),
  nonce: moment,
};

const newMessage = fc.record(
  {
    messageId: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((each) => Buffer.from(each)),
    payload: bytes,
    delayMs: fc.nat(900_000),
    groupId: fc.string({ minLength: 1, maxLength: 128 }),
    deduplicationKey: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((each) => Buffer.from(each)),
  },
  { requiredKeys: ['messageId', 'payload'], noNullPrototype: true },
);
const path = fc.record({ accountId: fc.string(), region: fc.string(), name: fc.string() }, { noNullPrototype: true });
const delivered = fc.record(
  {
    ...receipt,
    sentAt: moment,
    receiveCount: fc.nat(),
    firstReceivedAt: moment,
    messageId: bytes,
    payload: bytes,
    groupId: fc.string(),
    origin: fc.option(path, { nil: undefined }),
  },
  { noNullPrototype: true },
);

/** What comes out of a pipe that cuts the bytes where it likes. */
function through(written: Buffer, cuts: readonly number[], take: (frame: FrameReader) => void): void {
  const cutter = new FrameCutter(take);
  let at = 0;
  for (const cut of [...cuts, written.length]) {
    const end = Math.min(at + cut, written.length);
    // A copy, as the bytes of a pipe are not what was written.
    cutter.take(Buffer.from(written.subarray(at, end)));
    at = end;
  }
}

test('frames come out of a pipe as they went in, wherever it cuts them', () => {
  const frame = fc.record({
    kind: fc.nat(255),
    call: fc.nat(2 ** 32 - 1),
    text: fc.string({ unit: 'binary' }),
    bytes: fc.oneof(
      bytes,
      fc.nat(150_000).map((length) => Buffer.alloc(length, 'x')),
    ),
    number: fc.double({ noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 20 }), fc.array(fc.nat(400)), fc.nat(9), (frames, cuts, together) => {
      const writer = new FrameWriter();
      const taken: Buffer[] = [];
      for (const [index, each] of frames.entries()) {
        writer.begin(each.kind, each.call).text(each.text).bytes(each.bytes).number(each.number).end();
        if (index % (together + 1) === 0) taken.push(writer.take());
      }
      taken.push(writer.take());
      const read: unknown[] = [];
      through(Buffer.concat(taken), cuts, (reader) => {
        const { kind, call } = reader;
        read.push({ kind, call, text: reader.text(), bytes: reader.bytes(), number: reader.number() });
        expect(reader.isAtEnd).toBe(true);
      });
      expect(JSON.stringify(read)).toBe(JSON.stringify(frames));
      expect(writer.length).toBe(0);
    }),
  );
});

test('a frame larger than the pipe gives at a time is put together', () => {
  const large = Buffer.alloc(3_000_000, 'large');
  const writer = new FrameWriter();
  writer.begin(1, 7).bytes(large).end();
  writer.begin(2, 8).text('behind it').end();
  const read: (boolean | string)[] = [];
  const pieces = Array.from({ length: 60 }, () => 65_536);
  through(writer.take(), pieces, (frame) => read.push(frame.kind === 1 ? large.equals(frame.bytes()) : frame.text()));
  expect(read).toEqual([true, 'behind it']);
});

test.each([
  ['messages to send', newMessage, writeNewMessage, readNewMessage],
  ['messages delivered', delivered, writeDeliveredMessage, readDeliveredMessage],
  [
    'what became of a send',
    fc.record({ messageId: bytes, sequence: moment, isDuplicate: fc.boolean() }, { noNullPrototype: true }),
    writeSentMessage,
    readSentMessage,
  ],
  [
    'changes of visibility',
    fc.record({ ...receipt, timeoutMs: fc.nat(43_200_000) }, { noNullPrototype: true }),
    writeChange,
    readChange,
  ],
])('%s are read as they were written', (_, arbitrary, write, read) => {
  fc.assert(
    fc.property(fc.array(arbitrary as fc.Arbitrary<never>, { maxLength: 12 }), (list) => {
      const writer = new FrameWriter().begin(1, 1);
      writeList(writer, list, write as (frame: FrameWriter, each: never) => void);
      writer.end();
      let found: unknown;
      through(writer.take(), [], (frame) => {
        found = readList(frame, read as (frame: FrameReader) => unknown);
      });
      expect(found).toEqual(list);
    }),
  );
});
