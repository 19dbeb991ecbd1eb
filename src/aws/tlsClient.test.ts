import { expect, it } from 'vitest';
import { principalOf } from './tlsClient.ts';

const fingerprint256 = Array.from({ length: 32 }, (_, index) => index.toString(16).padStart(2, '0').toUpperCase()).join(
  ':',
);
const byName = 'arn:aws:iam::111122223333:user/by-name';
const byFingerprint = 'arn:aws:iam::111122223333:user/by-fingerprint';
const certificate = { subject: 'orders', fingerprint256 };

it('finds a principal by the name, or by the fingerprint in any spelling', () => {
  expect(principalOf(certificate, { orders: byName })).toBe(byName);
  for (const written of [fingerprint256, fingerprint256.toLowerCase(), fingerprint256.replaceAll(':', '')]) {
    expect(principalOf(certificate, { orders: byName, [written]: byFingerprint })).toBe(byFingerprint);
  }
});

it('finds nobody for others', () => {
  expect(principalOf(certificate, {})).toBeUndefined();
  expect(principalOf(certificate, { Orders: byName, '': byName, [fingerprint256.slice(3)]: byName })).toBeUndefined();
  expect(principalOf({ subject: '', fingerprint256 }, { '': byName })).toBeUndefined();
  expect(principalOf({ subject: 'toString', fingerprint256 }, {})).toBeUndefined();
});
