import { BlockList, isIPv4 } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseIpRange } from './ipRange.ts';

const four = fc.ipV4();
const near = (address: string): fc.Arbitrary<string> =>
  fc.nat(255).map((last) => address.replace(/\d+$/, String(last)));

it('covers the addresses of four bytes that Node says it does', () => {
  fc.assert(
    fc.property(
      four.chain((address) => fc.tuple(fc.constant(address), fc.oneof(four, near(address)), fc.nat(32))),
      ([network, address, prefix]) => {
        const blocks = new BlockList();
        blocks.addSubnet(network, prefix, 'ipv4');
        expect(parseIpRange(`${network}/${prefix}`)?.(address)).toBe(blocks.check(address));
      },
    ),
    { numRuns: 3000 },
  );
});

it('covers the addresses of sixteen bytes that Node says it does', () => {
  const six = fc.ipV6().filter((address) => !isIPv4(address));
  fc.assert(
    fc.property(six, six, fc.nat(128), (network, address, prefix) => {
      const blocks = new BlockList();
      blocks.addSubnet(network, prefix, 'ipv6');
      const range = parseIpRange(`${network}/${prefix}`);
      expect(range?.(network)).toBe(true);
      expect(range?.(address)).toBe(blocks.check(address, 'ipv6'));
    }),
    { numRuns: 3000 },
  );
});

it.each([
  '',
  '/',
  '1.2.3',
  '1.2.3.4/',
  '1.2.3.4/33',
  '1.2.3.4/1/1',
  '1.2.3.4/x',
  '::1/129',
  'fe80::1%eth0',
  '01.2.3.4',
  'host',
])('is not %j', (text) => {
  expect(parseIpRange(text)).toBeUndefined();
});
