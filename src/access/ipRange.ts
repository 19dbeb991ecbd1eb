import { isIP } from 'node:net';

/** Four bytes are a number, and sixteen a big one: most requests come from the former. */
type Address = number | bigint;

export type IpRangeTest = (address: string) => boolean;

/** An address or a network, `203.0.113.0/24`. Undefined of anything else. */
export function parseIpRange(text: string): IpRangeTest | undefined {
  const [addressText = '', prefixText, ...rest] = text.split('/');
  const range = parseAddress(addressText);
  if (range === undefined || rest.length > 0) return undefined;
  const isFour = typeof range === 'number';
  // Of an address of four bytes within one of sixteen, the prefix counts the longer one's bits.
  const written = isIP(addressText) === 4 ? 32 : 128;
  if (prefixText !== undefined && !(/^\d{1,3}$/.test(prefixText) && Number(prefixText) <= written)) return undefined;
  const prefix = (prefixText === undefined ? written : Number(prefixText)) - (isFour ? written - 32 : 0);
  if (prefix < 0) return undefined;
  return isFour ? fourRange(range, prefix) : sixRange(range, prefix);
}

function fourRange(range: number, prefix: number): IpRangeTest {
  const size = 2 ** (32 - prefix);
  const network = Math.floor(range / size);
  return (text) => {
    const address = parseAddress(text);
    return typeof address === 'number' && Math.floor(address / size) === network;
  };
}

function sixRange(range: bigint, prefix: number): IpRangeTest {
  const shift = BigInt(128 - prefix);
  const network = range >> shift;
  return (text) => {
    const address = parseAddress(text);
    return typeof address === 'bigint' && address >> shift === network;
  };
}

function parseAddress(text: string): Address | undefined {
  const family = isIP(text);
  if (family === 4) return valueOfFour(text);
  // A zone names an interface of one machine, and means nothing here.
  if (family !== 6 || text.includes('%')) return undefined;
  const value = valueOfSix(text);
  // A socket that listens on both families shows addresses of the one within the other.
  return value >> 32n === 0xffffn ? Number(value & 0xffff_ffffn) : value;
}

function valueOfFour(text: string): number {
  let value = 0;
  let part = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x2e) {
      value = value * 256 + part;
      part = 0;
    } else part = part * 10 + (code - 0x30);
  }
  return value * 256 + part;
}

function valueOfSix(text: string): bigint {
  const dotted = /[\d.]+$/.exec(text)?.[0] ?? '';
  const four = dotted.includes('.') ? valueOfFour(dotted) : undefined;
  const hexadecimal =
    four === undefined
      ? text
      : `${text.slice(0, -dotted.length)}${Math.floor(four / 0x1_0000).toString(16)}:${(four % 0x1_0000).toString(16)}`;
  const [before = '', after] = hexadecimal.split('::');
  const head = groupsOf(before);
  const tail = groupsOf(after ?? '');
  const middle = after === undefined ? [] : Array.from({ length: 8 - head.length - tail.length }, () => 0n);
  return [...head, ...middle, ...tail].reduce((value, group) => (value << 16n) | group, 0n);
}

function groupsOf(text: string): readonly bigint[] {
  return text === '' ? [] : text.split(':').map((group) => BigInt(`0x${group}`));
}
