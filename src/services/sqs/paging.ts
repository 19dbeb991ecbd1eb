import { invalidParameter } from './errors.ts';
import { listPage } from './limits.ts';

/** Where a page of queues begins, behind the name `after`, and how many it may hold. */
export interface Page {
  readonly after: string | undefined;
  readonly limit: number;
  /** A token comes only to those who set `MaxResults`, as in AWS. */
  readonly withToken: boolean;
}

interface PageRequest {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

export function readPage({ MaxResults, NextToken }: PageRequest): Page {
  if (MaxResults !== undefined && (MaxResults < 1 || MaxResults > listPage)) {
    throw invalidParameter(
      `Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and ${listPage}.`,
    );
  }
  const after = NextToken === undefined ? undefined : decodeToken(NextToken);
  return { after, limit: MaxResults ?? listPage, withToken: MaxResults !== undefined };
}

/** What of `found` is on the page. One more than the limit was looked for: it tells whether there is a next page. */
export function cutPage<Queue extends { readonly name: string }>(found: readonly Queue[], page: Page) {
  const queues = found.slice(0, page.limit);
  const last = queues.at(-1);
  const hasToken = page.withToken && found.length > page.limit && last !== undefined;
  return { queues, token: hasToken ? { NextToken: encodeToken(last.name) } : {} };
}

/** A token is the last name that was listed; opaque to clients. */
function encodeToken(name: string): string {
  return Buffer.from(name).toString('base64');
}

function decodeToken(token: string): string {
  const name = Buffer.from(token, 'base64').toString();
  if (/^[A-Za-z0-9_-]{1,80}(\.fifo)?$/.test(name) && encodeToken(name) === token) return name;
  throw invalidParameter('Invalid or expired next token.');
}
