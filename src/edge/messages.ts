/** What queues take and give, as fields of a frame. */
import type { Receipt } from '#engines/queue';
import type { DeliveredMessage, NewMessage, QueuePath, SentMessage } from '#runtime';
import type { FrameReader, FrameWriter } from './frames.ts';

export function writeList<T>(
  frame: FrameWriter,
  list: readonly T[],
  write: (frame: FrameWriter, each: T) => void,
): void {
  frame.number(list.length);
  for (const each of list) write(frame, each);
}

export function readList<T>(frame: FrameReader, read: (frame: FrameReader) => T): T[] {
  const length = frame.number();
  const list: T[] = [];
  for (let index = 0; index < length; index += 1) list.push(read(frame));
  return list;
}

const none = new Uint8Array(0);

/** Only what clients send: dead letters are moved where the queues are. */
export function writeNewMessage(frame: FrameWriter, message: NewMessage): void {
  frame
    .bytes(message.messageId)
    .bytes(message.payload)
    .number(message.delayMs ?? -1);
  frame.text(message.groupId ?? '').bytes(message.deduplicationKey ?? none);
}

export function readNewMessage(frame: FrameReader): NewMessage {
  const [messageId, payload, delayMs] = [frame.bytes(), frame.bytes(), frame.number()];
  const [groupId, deduplicationKey] = [frame.text(), frame.bytes()];
  return {
    messageId,
    payload,
    ...(delayMs >= 0 && { delayMs }),
    ...(groupId !== '' && { groupId }),
    ...(deduplicationKey.length > 0 && { deduplicationKey }),
  };
}

export function writeSentMessage(frame: FrameWriter, { messageId, sequence, isDuplicate }: SentMessage): void {
  frame
    .bytes(messageId)
    .number(sequence)
    .number(isDuplicate ? 1 : 0);
}

export function readSentMessage(frame: FrameReader): SentMessage {
  return { messageId: frame.bytes(), sequence: frame.number(), isDuplicate: frame.number() === 1 };
}

export function writeReceipt(frame: FrameWriter, receipt: Receipt): void {
  frame.number(receipt.lane).number(receipt.availableAt).number(receipt.sequence);
  frame.number(receipt.attempt).number(receipt.nonce);
}

export function readReceipt(frame: FrameReader): Receipt {
  const [lane, availableAt, sequence] = [frame.number(), frame.number(), frame.number()];
  return { lane, availableAt, sequence, attempt: frame.number(), nonce: frame.number() };
}

export function writeChange(frame: FrameWriter, change: Receipt & { readonly timeoutMs: number }): void {
  writeReceipt(frame, change);
  frame.number(change.timeoutMs);
}

export function readChange(frame: FrameReader): Receipt & { readonly timeoutMs: number } {
  return { ...readReceipt(frame), timeoutMs: frame.number() };
}

export function writeDeliveredMessage(frame: FrameWriter, message: DeliveredMessage): void {
  writeReceipt(frame, message);
  frame.number(message.sentAt).number(message.receiveCount).number(message.firstReceivedAt);
  frame.bytes(message.messageId).bytes(message.payload).text(message.groupId);
  frame.text(message.origin === undefined ? '' : JSON.stringify(message.origin));
}

export function readDeliveredMessage(frame: FrameReader): DeliveredMessage {
  const { lane, availableAt, sequence, attempt, nonce } = readReceipt(frame);
  const [sentAt, receiveCount, firstReceivedAt] = [frame.number(), frame.number(), frame.number()];
  const [messageId, payload, groupId, origin] = [frame.bytes(), frame.bytes(), frame.text(), frame.text()];
  // Written out: spreads were a tenth of a receive's time.
  return {
    lane,
    availableAt,
    sequence,
    attempt,
    nonce,
    sentAt,
    receiveCount,
    firstReceivedAt,
    messageId,
    payload,
    groupId,
    origin: origin === '' ? undefined : (JSON.parse(origin) as QueuePath),
  };
}

/** The outcomes of deletes and changes, which are words. */
export function writeWords(frame: FrameWriter, words: readonly string[]): void {
  writeList(frame, words, (each, word) => each.text(word));
}

export function readWords<Words extends readonly string[]>(frame: FrameReader): Words {
  return readList(frame, (each) => each.text()) as readonly string[] as Words;
}
