/** The Authorization header: `AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...`. */

import { createHash } from 'node:crypto';
import { signatureLimits } from './limits.ts';
import { incomplete, type SignatureRefusal } from './signature.ts';

/** All that a signature says of itself and that is the same in the next request of the same client. */
export interface Signer {
  readonly algorithm: string;
  readonly credential: string;
  /** The credential, at its slashes. */
  readonly parts: readonly string[];
  /** In lower case, sorted; empty where they are no names of headers. */
  readonly signedHeaders: readonly string[];
}

export interface AuthorizationParts {
  readonly signer: Signer;
  readonly hasSignedHeaders: boolean;
  readonly hex: string;
}

/** The characters of a header's name (RFC 9110, "token"), in lower case. */
const headerNames = /^[!#$%&'*+.^_`|~0-9a-z-]+(?:;[!#$%&'*+.^_`|~0-9a-z-]+)*$/;

export function signerOf(algorithm: string, credential: string, signedHeaders: string): Signer {
  const names = signedHeaders.toLowerCase();
  const sorted = headerNames.test(names) ? names.split(';').sort() : [];
  return { algorithm, credential, parts: credential.split('/'), signedHeaders: sorted };
}

const hexLength = 64;
const lastPart = 'Signature=';

// A client's requests differ in nothing but the signature at the end, and reading the rest costs some microseconds.
const known = new Map<string, Signer>();

export function authorizationParts(authorization: string): AuthorizationParts | SignatureRefusal {
  const end = authorization.length - hexLength;
  if (end > signatureLimits.knownSignerLength || !authorization.endsWith(lastPart, end)) return read(authorization);
  const before = authorization.slice(0, end);
  const signer = known.get(before);
  const hex = authorization.slice(end);
  if (signer !== undefined && isOnePart(hex)) return { signer, hasSignedHeaders: true, hex };
  const parts = read(authorization);
  // What ends with a signature of this length, and has all parts, has the rest in front of it.
  if ('refused' in parts || parts.hex !== hex || parts.signer.credential === '' || !parts.hasSignedHeaders)
    return parts;
  if (known.size >= signatureLimits.knownSignersMax) known.clear();
  known.set(before, parts.signer);
  return parts;
}

function isOnePart(hex: string): boolean {
  return !hex.includes(' ') && !hex.includes(',');
}

/** Commas and spaces part the components alike. */
function read(authorization: string): AuthorizationParts | SignatureRefusal {
  const [algorithm = '', ...components] = authorization.split(/[ ,]+/);
  const found = new Map<string, string>();
  for (const component of components) {
    if (component === '') continue;
    const equals = component.indexOf('=');
    if (equals === -1) {
      return incomplete(
        'Invalid key=value pair (missing equal-sign) in Authorization header ' +
          `(hashed with SHA-256 and encoded with Base64): '${digestOf(authorization)}'.`,
      );
    }
    const name = component.slice(0, equals);
    if (found.has(name)) return incomplete(`Authorization header has more than one '${name}' parameter.`);
    found.set(name, component.slice(equals + 1));
  }
  const signedHeaders = found.get('SignedHeaders') ?? '';
  return {
    signer: signerOf(algorithm, found.get('Credential') ?? '', signedHeaders),
    hasSignedHeaders: signedHeaders !== '',
    hex: found.get('Signature') ?? '',
  };
}

/** A header could hold a password that was meant for someone else, so AWS shows only what it hashes to. */
export function digestOf(authorization: string): string {
  return createHash('sha256').update(authorization, 'latin1').digest('base64');
}
