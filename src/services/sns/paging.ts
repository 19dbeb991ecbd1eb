import { invalidParameter } from './errors.ts';
import { listPage } from './limits.ts';

/** Where a page begins: behind what the token stands for. */
export function readToken(token: string | undefined): string | undefined {
  if (token === undefined || token === '') return undefined;
  const after = Buffer.from(token, 'base64url').toString();
  if (Buffer.from(after).toString('base64url') !== token) throw invalidParameter('NextToken');
  return after;
}

/** How many to look for: one more than a page, which tells whether there is a next one. */
export const pageAndOne = listPage + 1;

export function cutPage<T>(
  found: readonly T[],
  nameOf: (each: T) => string,
  limit = listPage,
): { page: readonly T[]; token: { readonly NextToken?: string } } {
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const isLast = found.length <= limit || last === undefined;
  return { page, token: isLast ? {} : { NextToken: Buffer.from(nameOf(last)).toString('base64url') } };
}
