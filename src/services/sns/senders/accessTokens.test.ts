import { expect, it } from 'vitest';
import { AccessTokens, type Grant } from './accessTokens.ts';
import { heldTokens } from './limits.ts';

function grant(token: string, expiresAt = 10_000_000): Grant {
  return { kind: 'granted', token, expiresAt };
}

/** Counts, and gives the tokens in turn. */
function source(grants: readonly (Grant | Error)[]) {
  const fetched = { count: 0 };
  const fetch = async () => {
    const next = grants[fetched.count];
    fetched.count += 1;
    if (next === undefined || next instanceof Error) throw next ?? new Error('none left');
    return next;
  };
  return { fetched, fetch };
}

it('fetches once for all that wait, and holds what it got', async () => {
  const tokens = new AccessTokens(() => 0);
  const { fetched, fetch } = source([grant('a')]);
  const grants = await Promise.all([1, 2, 3].map(() => tokens.get(['x'], fetch)));
  expect(grants).toEqual([grant('a'), grant('a'), grant('a')]);
  expect(await tokens.get(['x'], fetch)).toEqual(grant('a'));
  expect(fetched.count).toBe(1);
});

it('lets all that wait share a refusal, and the next one try again', async () => {
  const tokens = new AccessTokens(() => 0);
  const { fetched, fetch } = source([new Error('busy'), grant('a')]);
  const refused = { kind: 'refused', outcome: { kind: 'failed', permanent: false, reason: 'busy' } };
  expect(await Promise.all([tokens.get(['x'], fetch), tokens.get(['x'], fetch)])).toEqual([refused, refused]);
  expect(await tokens.get(['x'], fetch)).toEqual(grant('a'));
  expect(fetched.count).toBe(2);
});

it('fetches anew a minute before the end', async () => {
  let now = 0;
  const tokens = new AccessTokens(() => now);
  const { fetch } = source([grant('a', 100_000), grant('b')]);
  await tokens.get(['x'], fetch);
  now = 39_999;
  expect(await tokens.get(['x'], fetch)).toMatchObject({ token: 'a' });
  now = 40_000;
  expect(await tokens.get(['x'], fetch)).toMatchObject({ token: 'b' });
});

it('forgets a token that was not taken, but not the one that has replaced it', async () => {
  const tokens = new AccessTokens(() => 0);
  const { fetched, fetch } = source([grant('a'), grant('b')]);
  await tokens.get(['x'], fetch);
  tokens.forget(['x'], 'a');
  expect(await tokens.get(['x'], fetch)).toMatchObject({ token: 'b' });
  tokens.forget(['x'], 'a');
  await tokens.get(['x'], fetch);
  expect(fetched.count).toBe(2);
});

it('keeps credentials apart, and no more of them than it may', async () => {
  const tokens = new AccessTokens(() => 0);
  const first = source([grant('first'), grant('again')]);
  await tokens.get(['a', 'b'], first.fetch);
  expect(await tokens.get(['ab'], () => grant('other'))).toMatchObject({ token: 'other' });
  for (let count = 1; count < heldTokens; count += 1) await tokens.get([String(count)], () => grant('x'));
  expect(await tokens.get(['a', 'b'], first.fetch)).toMatchObject({ token: 'again' });
});
