import { expect, test } from 'vitest';
import {
  bitString,
  explicit,
  implicit,
  integer,
  isTrue,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  time,
  utf8String,
} from './der.ts';

/** Expected bytes from X.690 and X.509, and from `openssl asn1parse`. */
test.each([
  ['an integer', integer(Buffer.of(2)), '020102'],
  ['an integer whose first bit is set', integer(Buffer.of(0x80)), '02020080'],
  ['an integer with zeros before it', integer(Buffer.of(0, 0, 0x7f)), '02017f'],
  ['zero', integer(Buffer.of(0)), '020100'],
  ['true', isTrue(), '0101ff'],
  ['bits', bitString(Buffer.of(0x80), 7), '03020780'],
  ['octets', octetString(Buffer.of(1, 2)), '04020102'],
  ['sha256WithRSAEncryption', objectIdentifier('1.2.840.113549.1.1.11'), '06092a864886f70d01010b'],
  ['commonName', objectIdentifier('2.5.4.3'), '0603550403'],
  ['a text', utf8String('é'), '0c02c3a9'],
  ['a time before 2050', time(new Date('2049-12-31T23:59:59.999Z')), `170d${hex('491231235959Z')}`],
  ['a time from 2050 on', time(new Date('2050-01-01T00:00:00Z')), `180f${hex('20500101000000Z')}`],
  ['a sequence', sequence(integer(Buffer.of(1)), isTrue()), '30060201010101ff'],
  ['an empty sequence', sequence(), '3000'],
  ['a set', setOf(integer(Buffer.of(1))), '3103020101'],
  ['an explicit tag', explicit(3, integer(Buffer.of(1))), 'a303020101'],
  ['an implicit tag', implicit(2, Buffer.from('a')), '820161'],
])('writes %s', (_, bytes, expected) => {
  expect(bytes.toString('hex')).toBe(expected);
});

test.each([
  [0x7f, '047f'],
  [0x80, '048180'],
  [0xff, '0481ff'],
  [0x100, '04820100'],
  [0x10000, '0483010000'],
])('writes a length of %i', (length, header) => {
  const bytes = octetString(Buffer.alloc(length));
  expect(bytes.subarray(0, bytes.length - length).toString('hex')).toBe(header);
});

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}
