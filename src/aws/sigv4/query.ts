/** Query strings and percent signs, as the canonical request wants them. Characters stand for bytes. */

/** A parameter, decoded, and encoded again in the one way that AWS does it. */
export interface QueryParameter {
  readonly name: string;
  readonly value: string;
  readonly encodedName: string;
  readonly encodedValue: string;
}

const unreserved = /^[A-Za-z0-9_.~-]*$/;
const escapes: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return unreserved.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

/** Escapes every byte that is not unreserved. */
export function encodeBytes(text: string): string {
  if (unreserved.test(text)) return text;
  let encoded = '';
  // No byte: a question mark is in no encoded text, so such a request equals none that was signed.
  for (let i = 0; i < text.length; i += 1) encoded += escapes[text.charCodeAt(i)] ?? '?';
  return encoded;
}

const escapeOrPlus = /%([0-9A-Fa-f]{2})|\+/g;

/** A plus is a space, as it is to the decoder of the parameters: both must see one meaning. */
function decodeBytes(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  return text.replace(escapeOrPlus, (_, hex?: string) =>
    hex === undefined ? ' ' : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** In the order of the request. `a` is the same as `a=`; nothing between two ampersands is no parameter. */
export function parseQuery(query: string): readonly QueryParameter[] {
  if (query === '') return noParameters;
  const parameters: QueryParameter[] = [];
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decodeBytes(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? '' : decodeBytes(pair.slice(equals + 1));
    parameters.push({ name, value, encodedName: encodeBytes(name), encodedValue: encodeBytes(value) });
  }
  return parameters;
}

const noParameters: readonly QueryParameter[] = [];

/** Sorted by name, then by value, byte by byte; a presigned request's own signature can't be a part of what it signs. */
export function canonicalQuery(parameters: readonly QueryParameter[], presigned: boolean): string {
  if (parameters.length === 0) return '';
  return parameters
    .filter(({ name }) => !presigned || name !== 'X-Amz-Signature')
    .sort((a, b) => compare(a.encodedName, b.encodedName) || compare(a.encodedValue, b.encodedValue))
    .map(({ encodedName, encodedValue }) => `${encodedName}=${encodedValue}`)
    .join('&');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
