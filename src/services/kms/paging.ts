import { invalidMarker } from './errors.ts';

export interface Page<T> {
  readonly page: readonly T[];
  readonly end: { readonly Truncated: boolean; readonly NextMarker?: string };
}

/** Where a page begins: behind what the marker stands for. */
export function readMarker(marker: string | undefined): string | undefined {
  if (marker === undefined) return undefined;
  const after = Buffer.from(marker, 'base64url').toString();
  if (Buffer.from(after).toString('base64url') !== marker) throw invalidMarker();
  return after;
}

/** `found`: one more than the limit if there are as many. */
export function cutPage<T>(found: readonly T[], limit: number, nameOf: (each: T) => string): Page<T> {
  const page = found.slice(0, limit);
  const last = page.at(-1);
  if (found.length <= limit || last === undefined) return { page, end: { Truncated: false } };
  return { page, end: { Truncated: true, NextMarker: Buffer.from(nameOf(last)).toString('base64url') } };
}
