import { paginateListKeys } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { describeOurs } from '../target.ts';
import { callKms } from './jsonCall.ts';
import { kms, newKey, refused, violated } from './target.ts';

describe('ListKeys', () => {
  it('lists all, page by page [model: ListKeys]', async () => {
    const made = [await newKey(), await newKey(), await newKey()];
    const listed: (string | undefined)[] = [];
    let pages = 0;
    for await (const { Keys = [] } of paginateListKeys({ client: kms(), pageSize: 2 }, {})) {
      pages += 1;
      expect(Keys.length).toBeLessThanOrEqual(2);
      for (const { KeyId, KeyArn } of Keys) {
        listed.push(KeyId);
        expect(KeyArn).toMatch(new RegExp(`:key/${KeyId}$`));
      }
    }
    expect(pages).toBeGreaterThan(1);
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed).toEqual(expect.arrayContaining(made.map(({ KeyId }) => KeyId)));
  });

  it.each([0, 1001])('refuses a limit of %d [model: LimitType]', async (Limit) => {
    const constraint = Limit === 0 ? 'greater than or equal to 1' : 'less than or equal to 1000';
    await refused('ListKeys', { Limit }, violated(`'${Limit}'`, 'limit', `Member must have value ${constraint}`));
  });

  it('refuses a marker that is none [model: InvalidMarkerException]', async () => {
    expect((await callKms('ListKeys', { Marker: '!!' })).code).toBe('InvalidMarkerException');
  });
});

describeOurs('ListKeys elsewhere', () => {
  it('knows nothing of the keys here [facts: keys belong to a region]', async () => {
    await newKey();
    const { output } = await callKms('ListKeys', {}, { region: 'sa-east-1' });
    expect(output).toEqual({ Keys: [], Truncated: false });
  });
});
