/** Who a request says it comes from: the credential scope of Signature Version 4. A claim, until signatures are enforced. */

import type { EdgeRequest, Parameters } from './protocols/protocol.ts';

export interface Credential {
  /** Empty where the request names none. */
  readonly accessKeyId: string;
  /** Empty where the request names none, or what is no region. */
  readonly region: string;
  /** As in the scope (`sqs`), or empty. */
  readonly service: string;
}

export const fallbackRegion = 'us-east-1';
export const fallbackAccountId = '000000000000';

const anonymous: Credential = { accessKeyId: '', region: '', service: '' };
// Regions end up in ARNs and logs, so only what looks like one is taken over.
const regionPattern = /^[a-z][a-z0-9-]{1,31}$/;
const accessKeyIdPattern = /^[\w+=,.@-]{1,128}$/;

export function credentialOf(request: EdgeRequest, parameters?: Parameters): Credential {
  const { authorization } = request.headers;
  if (typeof authorization === 'string') {
    const start = authorization.indexOf('Credential=');
    if (start !== -1) return parseScope(authorization, start + 'Credential='.length);
  }
  const presigned = parameters?.get('X-Amz-Credential');
  return presigned === undefined ? anonymous : parseScope(presigned, 0);
}

// A client signs each of its requests within the same scope, and parsing it costs a microsecond.
let lastScope = '';
let lastCredential: Credential = anonymous;

function parseScope(text: string, start: number): Credential {
  const end = text.indexOf(',', start);
  const scope = end === -1 ? text.slice(start) : text.slice(start, end);
  if (scope !== lastScope) {
    lastCredential = credentialOfScope(scope);
    lastScope = scope;
  }
  return lastCredential;
}

/** `AKID/20260101/us-east-1/sqs/aws4_request`; the asymmetric kind (SigV4a) has no region in it. */
function credentialOfScope(scope: string): Credential {
  const [accessKeyId = '', , third = '', fourth = '', fifth] = scope.split('/', 5);
  const known = accessKeyIdPattern.test(accessKeyId) ? accessKeyId : '';
  if (fifth === undefined) return { accessKeyId: known, region: '', service: third };
  return { accessKeyId: known, region: regionPattern.test(third) ? third : '', service: fourth };
}

const accountId = /^\d{12}$/;

/** The convention of local AWS servers: an access key id of 12 digits names the account. */
export function accountIdOf(accessKeyId: string, fallback: string): string {
  return accountId.test(accessKeyId) ? accessKeyId : fallback;
}
