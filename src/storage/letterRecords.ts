/**
 * A message on its way to a queue of another partition, as it lies in the store of the one that it leaves:
 *
 *     01 headLength(4) head payload
 *
 * The head is JSON: where it goes, and what the message is besides its payload, its bytes in hex.
 */
import { assert } from '#std/assert';
import { asBuffer } from '#std/bytes';
import { SplitBytes } from '#std/splitBytes';
import type { QueuePath } from './keys.ts';

export interface LetterRecord {
  readonly path: QueuePath;
  /** Another queue of that name is not meant. */
  readonly queueId: number;
  readonly message: LetterMessage;
  /** Of one that was moved: where it came from, and what it was there. It goes back if it is not wanted any more. */
  readonly back?: {
    readonly path: QueuePath;
    readonly queueId: number;
    readonly message: Omit<LetterMessage, 'payload'>;
  };
}

/** What a queue takes, its payload in one piece. */
export interface LetterMessage {
  readonly messageId: Uint8Array;
  readonly payload: Uint8Array;
  readonly delayMs?: number;
  readonly groupId?: string;
  readonly deduplicationKey?: Uint8Array;
  readonly sentAt?: number;
  readonly origin?: string;
  readonly receivedBefore?: number;
}

type Facts = Omit<LetterMessage, 'payload'>;
type FactsInText = Omit<Facts, 'messageId' | 'deduplicationKey'> & { messageId: string; deduplicationKey?: string };

interface Head {
  readonly path: QueuePath;
  readonly queueId: number;
  readonly message: FactsInText;
  readonly back?: { readonly path: QueuePath; readonly queueId: number; readonly message: FactsInText };
}

const prefix = 5;

export function encodeLetter({ path, queueId, message, back }: LetterRecord): SplitBytes {
  const { payload, ...facts } = message;
  const whereTo: Head = { path, queueId, message: inText(facts) };
  const json = JSON.stringify(
    back === undefined ? whereTo : { ...whereTo, back: { ...back, message: inText(back.message) } },
  );
  const length = Buffer.byteLength(json);
  const head = Buffer.allocUnsafe(prefix + length);
  head[0] = 1;
  head.writeUInt32BE(length, 1);
  head.write(json, prefix);
  return new SplitBytes(head, payload);
}

/** The payload shares the record's memory. */
export function decodeLetter(bytes: Uint8Array): LetterRecord {
  const record = asBuffer(bytes);
  assert(record[0] === 1 && record.length >= prefix, 'a letter record of version 1');
  const payloadAt = prefix + record.readUInt32BE(1);
  const { back, message, ...rest } = JSON.parse(record.toString('utf8', prefix, payloadAt)) as Head;
  return {
    ...rest,
    message: { ...fromText(message), payload: record.subarray(payloadAt) },
    ...(back !== undefined && { back: { ...back, message: fromText(back.message) } }),
  };
}

function inText({ messageId, deduplicationKey, ...rest }: Facts): FactsInText {
  return {
    messageId: asBuffer(messageId).toString('hex'),
    ...(deduplicationKey !== undefined && { deduplicationKey: asBuffer(deduplicationKey).toString('hex') }),
    ...rest,
  };
}

function fromText({ messageId, deduplicationKey, ...rest }: FactsInText): Facts {
  return {
    messageId: Buffer.from(messageId, 'hex'),
    ...(deduplicationKey !== undefined && { deduplicationKey: Buffer.from(deduplicationKey, 'hex') }),
    ...rest,
  };
}
