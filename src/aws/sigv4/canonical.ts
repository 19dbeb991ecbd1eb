/**
 * The canonical request: the text that both sides make of a request, so that only what matters is signed.
 *
 *     method LF path LF query LF (name:value LF)* LF name;name LF SHA-256 of the body
 *
 * No part can hold a line feed: paths and queries are escaped, header names are tokens, values are folded. So two requests
 * have the same text only if they are the same.
 */

import { canonicalQuery, encodeBytes } from './query.ts';
import type { Signature, SignedRequest } from './signature.ts';

export function canonicalRequest(signature: Signature, request: SignedRequest, payloadHash: string): string {
  const { signedHeaders, headers, query, form } = signature;
  let lines = '';
  for (const name of signedHeaders) lines += `${name}:${headers.get(name) ?? ''}\n`;
  const path = canonicalPath(request.path);
  const parameters = canonicalQuery(query, form === 'presigned');
  return `${request.method}\n${path}\n${parameters}\n${lines}\n${signedHeaders.join(';')}\n${payloadHash}`;
}

/** Needs neither folding nor escaping; any dot at the start of a segment may be a dot segment. */
const plainPath = /^(?:\/(?!\.)[A-Za-z0-9_.~-]+)*\/?$/;

/**
 * Dot segments and empty ones go, and everything is escaped once more than in the request, where a percent sign becomes
 * `%25`: the rule of every service but S3.
 */
export function canonicalPath(path: string): string {
  if (path === '/' || path === '') return '/';
  if (plainPath.test(path)) return path;
  const kept: string[] = [];
  const segments = path.split('/');
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(encodeBytes(segment));
  }
  const trailing = kept.length > 0 && segments.at(-1) === '' ? '/' : '';
  return `/${kept.join('/')}${trailing}`;
}

const foldable = /[ \t\r\n\f\v]+/g;

/** Headers by lower-case name; trimmed, inner spaces folded to one, the repeated ones joined by commas in their order. */
export function foldHeaders(rawHeaders: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    const value = fold(rawHeaders[i + 1] ?? '');
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return headers;
}

const needsFolding = /^[ \t\r\n\f\v]|[ \t\r\n\f\v]$|[\t\r\n\f\v]| {2}/;

function fold(value: string): string {
  if (!needsFolding.test(value)) return value;
  const folded = value.replace(foldable, ' ');
  return folded.slice(folded.startsWith(' ') ? 1 : 0, folded.length > 1 && folded.endsWith(' ') ? -1 : undefined);
}
