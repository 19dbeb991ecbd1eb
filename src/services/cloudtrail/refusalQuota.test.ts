import { expect, it } from 'vitest';
import { openRefusals } from './limits.ts';
import { RefusalQuota } from './refusalQuota.ts';

it('a flood of refusals is on record at its beginning, then at a steady rate, with how many are not', () => {
  const quota = new RefusalQuota(0);
  for (let index = 0; index < openRefusals.burst; index++) expect(quota.take(0)).toBe(0);
  for (let index = 0; index < 1_000; index++) expect(quota.take(0)).toBeUndefined();
  expect(quota.take(1_000 / openRefusals.perSecond)).toBe(1_000);
  expect(quota.take(1_000 / openRefusals.perSecond)).toBeUndefined();
  // A clock that is put back gives nothing.
  expect(quota.take(0)).toBeUndefined();
  expect(quota.take(86_400_000)).toBe(2);
  for (let index = 1; index < openRefusals.burst; index++) expect(quota.take(86_400_000)).toBe(0);
  expect(quota.take(86_400_000)).toBeUndefined();
});
