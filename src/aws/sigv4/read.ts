/**
 * Reads the signature of a request, and refuses what can be refused without a secret. The order is AWS's:
 *
 * 1. Is there a signature, in one place? Are its parts there, each once?
 * 2. Is its time well-formed, and near ours?
 * 3. Does it cover the host, and the headers that AWS's services act on?
 * 4. Is it of an algorithm that we know, and its credential of five parts, which are those of this service?
 *
 * Who holds the access key comes next, and `verify.ts` after that.
 */

import { authorizationParts, digestOf, type Signer, signerOf } from './authorization.ts';
import { foldHeaders } from './canonical.ts';
import { parseQuery, type QueryParameter } from './query.ts';
import {
  incomplete,
  mismatch,
  missingToken,
  type Signature,
  type SignatureRefusal,
  type SignatureRules,
  type SignedRequest,
} from './signature.ts';
import { readTime, refuseTime } from './times.ts';

/** A signature, from either place, before anything of it is believed. */
interface Claim {
  readonly form: 'header' | 'presigned';
  readonly signer: Signer;
  readonly hex: string;
  readonly date: string;
  readonly expires: string | undefined;
  readonly sessionToken: string | undefined;
}

const knownAlgorithm = 'AWS4-HMAC-SHA256';
const regionPattern = /^[a-z][a-z0-9-]{1,31}$/;

export function readSignature(request: SignedRequest, rules: SignatureRules): Signature | SignatureRefusal {
  const headers = foldHeaders(request.rawHeaders);
  const query = parseQuery(request.query);
  const claim = findClaim(headers, query);
  if ('refused' in claim) return claim;
  const time = readTime(claim.date);
  if (time === undefined) {
    return incomplete(
      `Date must be in ISO-8601 'basic format'. Got '${claim.date}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  }
  const late = refuseTime(time, claim, rules);
  if (late !== undefined) return late;
  const { algorithm, credential, parts, signedHeaders } = claim.signer;
  const uncovered = refuseUncovered(signedHeaders, headers, claim.form);
  if (uncovered !== undefined) return uncovered;
  if (algorithm !== knownAlgorithm) {
    return incomplete(`Unsupported AWS 'algorithm': '${algorithm}' (only ${knownAlgorithm} for now). `);
  }
  const [accessKeyId = '', day = '', region = '', service = ''] = parts;
  if (parts.length !== 5) {
    const example = 'keyid/date/region/service/term';
    return incomplete(`Credential must have exactly 5 slash-delimited elements, e.g. ${example}, got '${credential}'`);
  }
  const strayed = refuseScope(parts, time.text, rules);
  if (strayed !== undefined) return strayed;
  const { form, hex, sessionToken } = claim;
  const timestamp = time.text;
  return {
    form,
    credential,
    accessKeyId,
    day,
    region,
    service,
    signedHeaders,
    hex,
    timestamp,
    sessionToken,
    headers,
    query,
  };
}

type Found = Claim | SignatureRefusal;

function findClaim(headers: ReadonlyMap<string, string>, query: readonly QueryParameter[]): Found {
  const authorization = headers.get('authorization');
  const presigned = query.length > 0 && query.some(({ name }) => name === 'X-Amz-Algorithm');
  if (authorization === undefined) return presigned ? readPresigned(query, headers) : missingToken;
  if (presigned) {
    return mismatch("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.");
  }
  return authorization.startsWith('AWS4-') ? readAuthorization(authorization, headers) : missingToken;
}

function readAuthorization(authorization: string, headers: ReadonlyMap<string, string>): Found {
  const date = headers.get('x-amz-date') ?? headers.get('date') ?? '';
  const parts = authorizationParts(authorization);
  if ('refused' in parts) return parts;
  const { signer, hex } = parts;
  let missing = '';
  if (signer.credential === '') missing += missingPart('Credential');
  if (hex === '') missing += missingPart('Signature');
  if (!parts.hasSignedHeaders) missing += missingPart('SignedHeaders');
  if (date === '') {
    missing += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
  }
  if (missing !== '') {
    return incomplete(
      `${missing}(Hashed with SHA-256 and encoded with Base64) Authorization=${digestOf(authorization)}`,
    );
  }
  return { form: 'header', signer, hex, date, expires: undefined, sessionToken: headers.get('x-amz-security-token') };
}

function missingPart(name: string): string {
  return `Authorization header requires '${name}' parameter. `;
}

const queryParts = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-SignedHeaders', 'X-Amz-Date'];
const optionalParts = ['X-Amz-Expires', 'X-Amz-Security-Token'];

function readPresigned(query: readonly QueryParameter[], headers: ReadonlyMap<string, string>): Found {
  const found = new Map<string, string>();
  for (const { name, value } of query) {
    if (!queryParts.includes(name) && !optionalParts.includes(name)) continue;
    if (found.has(name)) return incomplete(`AWS query-string parameters must include '${name}' only once.`);
    found.set(name, value);
  }
  let missing = '';
  for (const name of queryParts) {
    if (!found.get(name)) missing += `AWS query-string parameters must include '${name}'. `;
  }
  if (missing !== '') return incomplete(`${missing}Re-examine the query-string parameters.`);
  const named = found.get('X-Amz-Algorithm') ?? '';
  return {
    form: 'presigned',
    signer: signerOf(named, found.get('X-Amz-Credential') ?? '', found.get('X-Amz-SignedHeaders') ?? ''),
    hex: found.get('X-Amz-Signature') ?? '',
    date: found.get('X-Amz-Date') ?? '',
    expires: found.get('X-Amz-Expires'),
    sessionToken: found.get('X-Amz-Security-Token') ?? headers.get('x-amz-security-token'),
  };
}

/**
 * Headers of AWS that change what a request does have to be signed. AWS's SDK for PHP does not sign `x-amz-user-agent`
 * (nor the content type, which AWS asks for in words only); and next to a presigned URL's time, the one of a header
 * means nothing.
 */
function refuseUncovered(
  signedHeaders: readonly string[],
  headers: ReadonlyMap<string, string>,
  form: Claim['form'],
): SignatureRefusal | undefined {
  if (!signedHeaders.includes('host')) return mustBeSigned("'Host' or ':authority'");
  for (const name of headers.keys()) {
    if (!name.startsWith('x-amz-') || signedHeaders.includes(name) || name === 'x-amz-user-agent') continue;
    if (form === 'presigned' && name === 'x-amz-date') continue;
    return mustBeSigned(`'${name}'`);
  }
  return undefined;
}

function mustBeSigned(what: string): SignatureRefusal {
  return mismatch(`${what} must be a 'SignedHeader' in the AWS Authorization.`);
}

/** AWS names everything that is wrong at once, each with a space behind it. */
function refuseScope(
  [, day = '', region = '', service = '', terminator = '']: readonly string[],
  timestamp: string,
  { service: expected, regions }: SignatureRules,
): SignatureRefusal | undefined {
  let wrong = '';
  if (!regionPattern.test(region) || regions?.has(region) === false) {
    wrong += 'Credential should be scoped to a valid region. ';
  }
  if (service !== expected) wrong += `Credential should be scoped to correct service: '${expected}'. `;
  if (terminator !== 'aws4_request') {
    wrong += "Credential should be scoped with a valid terminator: 'aws4_request'. ";
  }
  if (day !== timestamp.slice(0, 8)) {
    wrong += 'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP. ';
  }
  return wrong === '' ? undefined : mismatch(wrong);
}
