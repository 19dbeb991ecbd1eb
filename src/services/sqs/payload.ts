/**
 * What SQS keeps of a message, as the engine's payload:
 *
 *     01 bodyMd5(16) length(1) senderId, length(1) groupId, length(2) traceHeader, length(4) attributes, body
 *
 * The attributes are encoded as in `messageAttributes.ts`; the body is UTF-8.
 */
import { hash } from 'node:crypto';
import { assert } from '#std/assert';
import { asBuffer } from '#std/bytes';

export interface Payload {
  readonly body: string;
  /** Hex. */
  readonly bodyMd5: string;
  readonly senderId: string;
  /** Empty if the message has none. */
  readonly groupId: string;
  readonly traceHeader: string;
  readonly attributes: Buffer;
}

const version = 1;
const md5Length = 16;
const fixedLength = 1 + md5Length + 1 + 1 + 2 + 4;

export function encodePayload(payload: Omit<Payload, 'bodyMd5' | 'body'> & { body: Buffer }): {
  bytes: Buffer;
  bodyMd5: string;
} {
  const { body, senderId, groupId, traceHeader, attributes } = payload;
  const traceBytes = Buffer.byteLength(traceHeader);
  const bytes = Buffer.allocUnsafe(
    fixedLength + senderId.length + groupId.length + traceBytes + attributes.length + body.length,
  );
  const bodyMd5 = hash('md5', body, 'hex');
  bytes[0] = version;
  bytes.write(bodyMd5, 1, md5Length, 'hex');
  let offset = bytes.writeUInt8(senderId.length, 1 + md5Length);
  offset += bytes.write(senderId, offset, 'latin1');
  offset = bytes.writeUInt8(groupId.length, offset);
  offset += bytes.write(groupId, offset, 'latin1');
  offset = bytes.writeUInt16BE(traceBytes, offset);
  offset += bytes.write(traceHeader, offset);
  offset = bytes.writeUInt32BE(attributes.length, offset);
  offset += attributes.copy(bytes, offset);
  body.copy(bytes, offset);
  return { bytes, bodyMd5 };
}

export function decodePayload(payload: Uint8Array): Payload {
  const bytes = asBuffer(payload);
  assert(bytes[0] === version, 'a payload of version 1');
  let offset = 1 + md5Length;
  const text = (length: number): string => {
    const start = offset;
    offset += length;
    return bytes.toString('utf8', start, offset);
  };
  const bodyMd5 = bytes.toString('hex', 1, 1 + md5Length);
  const senderId = text(bytes.readUInt8(offset++));
  const groupId = text(bytes.readUInt8(offset++));
  offset += 2;
  const traceHeader = text(bytes.readUInt16BE(offset - 2));
  offset += 4;
  const attributesLength = bytes.readUInt32BE(offset - 4);
  const attributes = bytes.subarray(offset, offset + attributesLength);
  const body = bytes.toString('utf8', offset + attributesLength);
  return { body, bodyMd5, senderId, groupId, traceHeader, attributes };
}
