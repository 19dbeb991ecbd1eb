import { describe, expect, it } from 'vitest';
import { createAddressGuard, isPublicAddress, type ResolveAll } from './addressGuard.ts';

describe('public addresses', () => {
  it.each([
    '8.8.8.8',
    '172.32.0.1',
    '172.15.255.255',
    '100.128.0.1',
    '11.0.0.1',
    '2606:4700::1111',
    '2a00:1450:4001::1',
  ])('%s is one', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ...['127.0.0.1', '127.255.255.254', '0.0.0.0', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
    ...['169.254.169.254', '100.64.0.1', '192.0.0.8', '198.18.0.1', '224.0.0.1', '239.1.1.1', '255.255.255.255'],
    ...['::', '::1', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd12:3456::1', 'fec0::1', 'ff02::1', '2001:db8::1'],
    ...['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:7f00:1', '::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b::a9fe:a9fe'],
    ...['2002:7f00:1::', '2001::1', '100::1', '5f00::1', 'localhost', '', '127.1'],
  ])('%s is none', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('the guard', () => {
  const addresses: Record<string, string[]> = {
    'inside.test': ['10.1.2.3'],
    'both.test': ['10.1.2.3', '8.8.8.8'],
    'outside.test': ['8.8.8.8', '2606:4700::1111'],
  };
  const resolveAll: ResolveAll = (hostname, _options, callback) => {
    const found = addresses[hostname]?.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (found === undefined) callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), []);
    else callback(null, found);
  };

  function lookup(hostname: string, allowed: string[], all = true): Promise<unknown> {
    const guard = createAddressGuard(allowed, resolveAll);
    return new Promise((resolve, reject) => {
      guard.lookup(hostname, { all }, (error, found) => (error === null ? resolve(found) : reject(error)));
    });
  }

  it('gives the public addresses of a name only', async () => {
    await expect(lookup('inside.test', [])).rejects.toThrow('inside.test is not an address on the public internet');
    expect(await lookup('both.test', [])).toEqual([{ address: '8.8.8.8', family: 4 }]);
    expect(await lookup('outside.test', [])).toHaveLength(2);
    expect(await lookup('outside.test', [], false)).toBe('8.8.8.8');
    await expect(lookup('nowhere.test', [])).rejects.toThrow('not found');
  });

  it.each([[['inside.test']], [['INSIDE.test']], [['10.1.0.0/16']], [['10.1.2.3']], [['fd00::/8', '10.0.0.0/8']]])(
    'lets %j through',
    async (allowed) => {
      expect(await lookup('inside.test', allowed)).toEqual([{ address: '10.1.2.3', family: 4 }]);
    },
  );

  it.each([[['side.test']], [['10.2.0.0/16']], [['10.1.2.4']], [['::/0']], [['::ffff:0:0/96']]])(
    'does not mistake %j for it',
    async (allowed) => {
      await expect(lookup('inside.test', allowed)).rejects.toThrow('inside.test');
    },
  );

  it('judges addresses, which are not looked up', () => {
    const guard = createAddressGuard(['127.0.0.2', 'fe80::/10']);
    for (const host of ['127.0.0.2', '8.8.8.8', 'name.test', '[fe80::1]', '[2606:4700::1]']) {
      expect(guard.refusalOf(host)).toBeUndefined();
    }
    for (const host of ['127.0.0.1', '[::1]', '[::ffff:7f00:2]', '169.254.169.254']) {
      expect(guard.refusalOf(host)?.code).toBe('AddressRefused');
    }
  });

  it('judges what a URL makes of clever ways to write an address', () => {
    const guard = createAddressGuard([]);
    for (const url of [
      'http://0x7f.1/',
      'http://2130706433/',
      'http://127.1/',
      'http://[::ffff:127.0.0.1]/',
      'http://0/',
    ]) {
      expect(guard.refusalOf(new URL(url).hostname)?.code).toBe('AddressRefused');
    }
  });
});
