/** The MD5s that clients check, computed from SQS's documentation and not by the server's code. */
import { createHash } from 'node:crypto';

export function md5(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex');
}

export interface SentAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: Uint8Array;
}

/** "Calculating the MD5 message digest for message attributes" in the developer guide. */
export function attributesMd5(attributes: Readonly<Record<string, SentAttribute>>): string {
  const digest = createHash('md5');
  const add = (bytes: Uint8Array) => {
    const length = new DataView(new ArrayBuffer(4));
    length.setUint32(0, bytes.length);
    digest.update(new Uint8Array(length.buffer)).update(bytes);
  };
  const utf8 = new TextEncoder();
  for (const name of Object.keys(attributes).sort()) {
    const { DataType = '', StringValue, BinaryValue } = attributes[name] ?? { DataType: '' };
    add(utf8.encode(name));
    add(utf8.encode(DataType));
    digest.update(Uint8Array.of(StringValue === undefined ? 2 : 1));
    add(BinaryValue ?? utf8.encode(StringValue));
  }
  return digest.digest('hex');
}
