import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import type { Network } from './valuePattern.ts';

export type NetworkReading = Network | { readonly problem: string };

const ipv4Digits = /^\d+\.\d+\.\d+\.\d+$/;
const ipv6Digits = /^[\da-fA-F:]*:[\da-fA-F:]*$/;

/** A network as in `10.0.0.0/24`. A network of a single address is refused, as AWS does: that is an exact match. */
export function readNetwork(text: string): NetworkReading {
  const [address, mask, ...others] = text.split('/');
  if (address === undefined || mask === undefined || mask === '' || others.length > 0) {
    return { problem: "Malformed CIDR, one '/' required" };
  }
  if (!/^[+-]?\d{1,9}$/.test(mask)) return { problem: 'Malformed CIDR, mask bits must be an integer' };
  const bits = Number(mask);
  if (bits < 0) return { problem: 'Malformed CIDR, mask bits must not be negative' };
  if (!ipv4Digits.test(address) && !ipv6Digits.test(address)) return { problem: `Nonstandard IP address: ${address}` };
  if (isIPv4(address))
    return bits < 32 ? { address, bits, family: 'ipv4' } : { problem: 'IPv4 mask bits must be < 32' };
  if (!isIPv6(address)) return { problem: `Invalid IP address: ${address}` };
  return bits < 128 ? { address, bits, family: 'ipv6' } : { problem: 'IPv6 mask bits must be < 128' };
}

export function networkTest({ address, bits, family }: Network): (text: string) => boolean {
  const network = new BlockList();
  network.addSubnet(address, bits, family);
  const version = family === 'ipv4' ? 4 : 6;
  // An address with a zone (`fe80::1%eth0`) is of one machine, not of a network.
  return (text) => isIP(text) === version && !text.includes('%') && network.check(text, family);
}
