/**
 * RSA signatures over a digest that somebody else has made. Node hashes what it signs, so the padding is made here (RFC 8017:
 * EMSA-PKCS1-v1_5 in 9.2, EMSA-PSS in 9.1 with a salt as long as the digest), and Node applies the key to it.
 */
import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  privateEncrypt,
  publicDecrypt,
  randomBytes,
} from 'node:crypto';
import { assert } from '#std/assert';

export type RsaPadding = 'PKCS1_V1_5' | 'PSS';
export type HashName = 'sha256' | 'sha384' | 'sha512';

/** What stands before the digest: DER of the name of its hash. */
const digestPrefixes: Readonly<Record<HashName, Buffer>> = {
  sha256: Buffer.from('3031300d060960864801650304020105000420', 'hex'),
  sha384: Buffer.from('3041300d060960864801650304020205000430', 'hex'),
  sha512: Buffer.from('3051300d060960864801650304020305000440', 'hex'),
};

/** `privateKey`: PKCS #8. */
export function signDigestRsa(privateKey: Buffer, padding: RsaPadding, hash: HashName, digest: Uint8Array): Buffer {
  const key = createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' });
  if (padding === 'PKCS1_V1_5') {
    return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, withPrefix(hash, digest));
  }
  const { modulusLength } = key.asymmetricKeyDetails ?? {};
  assert(modulusLength !== undefined, 'an RSA key has a modulus');
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encodePss(hash, digest, modulusLength / 8));
}

/** `publicKey`: SubjectPublicKeyInfo. */
export function verifyDigestRsa(
  publicKey: Buffer,
  padding: RsaPadding,
  hash: HashName,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const key = createPublicKey({ key: publicKey, format: 'der', type: 'spki' });
  // Node would accept a shorter one.
  if (signature.length !== (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8) return false;
  const isPkcs1 = padding === 'PKCS1_V1_5';
  let opened: Buffer;
  try {
    const how = isPkcs1 ? constants.RSA_PKCS1_PADDING : constants.RSA_NO_PADDING;
    opened = publicDecrypt({ key, padding: how }, signature);
  } catch {
    return false;
  }
  return isPkcs1 ? opened.equals(withPrefix(hash, digest)) : checkPss(hash, digest, opened);
}

function withPrefix(hash: HashName, digest: Uint8Array): Buffer {
  return Buffer.concat([digestPrefixes[hash], digest]);
}

/** As long as the modulus: zeros, 1 and the salt under a mask; the hash of it all; bc. The first bit is 0. */
function encodePss(hash: HashName, digest: Uint8Array, length: number): Buffer {
  const salt = randomBytes(digest.length);
  const h = saltedHash(hash, digest, salt);
  const block = Buffer.concat([Buffer.alloc(length - 2 - salt.length - h.length), Buffer.of(1), salt]);
  const masked = xor(block, mask(hash, h, block.length));
  masked[0] = (masked[0] ?? 0) & 0x7f;
  return Buffer.concat([masked, h, Buffer.of(0xbc)]);
}

function checkPss(hash: HashName, digest: Uint8Array, encoded: Buffer): boolean {
  const blockEnd = encoded.length - 1 - digest.length;
  const masked = encoded.subarray(0, blockEnd);
  const h = encoded.subarray(blockEnd, -1);
  if (encoded.at(-1) !== 0xbc || ((masked[0] ?? 0) & 0x80) !== 0) return false;
  const block = xor(masked, mask(hash, h, masked.length));
  block[0] = (block[0] ?? 0) & 0x7f;
  const salt = block.subarray(-digest.length);
  const before = block.subarray(0, -digest.length);
  if (before.at(-1) !== 1 || before.subarray(0, -1).some((byte) => byte !== 0)) return false;
  return saltedHash(hash, digest, salt).equals(h);
}

function saltedHash(hash: HashName, digest: Uint8Array, salt: Uint8Array): Buffer {
  return createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();
}

/** MGF1. */
function mask(hash: HashName, seed: Uint8Array, length: number): Buffer {
  const parts: Buffer[] = [];
  const counter = Buffer.alloc(4);
  for (let made = 0; made < length; made += parts.at(-1)?.length ?? 0) {
    counter.writeUInt32BE(parts.length);
    parts.push(createHash(hash).update(seed).update(counter).digest());
  }
  return Buffer.concat(parts, length);
}

function xor(bytes: Uint8Array, other: Uint8Array): Buffer {
  return Buffer.from(bytes.map((byte, index) => byte ^ (other[index] ?? 0)));
}
