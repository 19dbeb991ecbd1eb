import { validationError } from './errors.ts';
import { pageItems } from './limits.ts';

export interface Paged {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

export interface Page<T> {
  readonly items: T[];
  readonly IsTruncated: boolean;
  readonly Marker?: string;
}

/**
 * The page behind the marker, which names the last item that was given: items may come and go meanwhile.
 * `items` have to be in the order of their keys, as `<` compares them.
 */
export function pageOf<T>(items: readonly T[], keyOf: (item: T) => string, { Marker, MaxItems }: Paged): Page<T> {
  const after = Marker === undefined ? undefined : openMarker(Marker);
  const start = after === undefined ? 0 : items.findIndex((item) => keyOf(item) > after);
  const limit = MaxItems ?? pageItems;
  const page = start === -1 ? [] : items.slice(start, start + limit);
  const last = page.at(-1);
  const isTruncated = last !== undefined && start + limit < items.length;
  return { items: page, IsTruncated: isTruncated, ...(isTruncated && { Marker: sealMarker(keyOf(last)) }) };
}

/** What a listing says of its page besides the items. */
export function pageEnd({ IsTruncated, Marker }: Page<unknown>): { IsTruncated: boolean; Marker?: string } {
  return { IsTruncated, ...(Marker !== undefined && { Marker }) };
}

export const nameKey = ({ name }: { readonly name: string }): string => name.toLowerCase();

function sealMarker(key: string): string {
  return Buffer.from(`after:${key}`).toString('base64');
}

function openMarker(marker: string): string {
  const text = Buffer.from(marker, 'base64').toString();
  if (!text.startsWith('after:')) throw validationError(`Invalid Marker: ${marker}`);
  return text.slice('after:'.length);
}
