/** What Sign, Verify, GenerateMac and VerifyMac compute, by the names of the algorithms. */
import {
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  sign as signMessage,
  timingSafeEqual,
  verify as verifyMessage,
} from 'node:crypto';
import { promisify } from 'node:util';
import { signDigestEcdsa, verifyDigestEcdsa } from './ecdsaDigest.ts';
import { type HashName, type RsaPadding, signDigestRsa, verifyDigestRsa } from './rsaDigest.ts';

/** A message, or the digest of one. */
export interface Signed {
  readonly algorithm: string;
  readonly message: Uint8Array;
  readonly isDigest: boolean;
}

const digestBytes: Readonly<Record<HashName, number>> = { sha256: 32, sha384: 48, sha512: 64 };

// With a callback they leave the event loop alone: an RSA signature takes milliseconds.
const signAside = promisify<string, Uint8Array, Parameters<typeof signMessage>[2], Buffer>(signMessage);
const verifyAside = promisify<string, Uint8Array, Parameters<typeof verifyMessage>[2], Uint8Array, boolean>(
  verifyMessage,
);

/** How long a digest for that algorithm is. */
export function digestLength(algorithm: string): number {
  return digestBytes[hashOf(algorithm)];
}

/** `privateKey`: PKCS #8. */
export async function makeSignature(privateKey: Buffer, { algorithm, message, isDigest }: Signed): Promise<Buffer> {
  const hash = hashOf(algorithm);
  const padding = paddingOf(algorithm);
  if (isDigest && padding === undefined) return signDigestEcdsa(privateKey, message);
  if (isDigest && padding !== undefined) return signDigestRsa(privateKey, padding, hash, message);
  const key = createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' });
  return signAside(hash, message, { key, ...nodePadding(padding) });
}

/** `publicKey`: SubjectPublicKeyInfo. */
export async function checkSignature(publicKey: Buffer, signed: Signed, signature: Uint8Array): Promise<boolean> {
  const { algorithm, message, isDigest } = signed;
  const hash = hashOf(algorithm);
  const padding = paddingOf(algorithm);
  if (isDigest && padding === undefined) return verifyDigestEcdsa(publicKey, message, signature);
  if (isDigest && padding !== undefined) return verifyDigestRsa(publicKey, padding, hash, message, signature);
  const key = createPublicKey({ key: publicKey, format: 'der', type: 'spki' });
  return verifyAside(hash, message, { key, ...nodePadding(padding) }, signature);
}

export function makeMac(key: Uint8Array, algorithm: string, message: Uint8Array): Buffer {
  return createHmac(`sha${algorithm.slice(-3)}`, key)
    .update(message)
    .digest();
}

export function checkMac(key: Uint8Array, algorithm: string, message: Uint8Array, mac: Uint8Array): boolean {
  const expected = makeMac(key, algorithm, message);
  return mac.length === expected.length && timingSafeEqual(mac, expected);
}

/** Undefined for elliptic curves. */
function paddingOf(algorithm: string): RsaPadding | undefined {
  if (algorithm.startsWith('RSASSA_PSS')) return 'PSS';
  return algorithm.startsWith('RSASSA_PKCS1') ? 'PKCS1_V1_5' : undefined;
}

function nodePadding(padding: RsaPadding | undefined) {
  if (padding === 'PSS') {
    return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  }
  return padding === 'PKCS1_V1_5' ? { padding: constants.RSA_PKCS1_PADDING } : {};
}

function hashOf(algorithm: string): HashName {
  const name = `sha${algorithm.slice(-3)}`;
  if (name === 'sha256' || name === 'sha384' || name === 'sha512') return name;
  throw new Error(`assertion failed: ${algorithm} ends with the name of a hash`);
}
