/**
 * ECDSA over a digest that somebody else has made. Node signs and verifies messages only, and hashes them itself; but its
 * ECDH multiplies points, which is what takes time and must not leak. What is left is arithmetic on numbers.
 */
import { createECDH, createPrivateKey, createPublicKey, type JsonWebKey, randomBytes } from 'node:crypto';
import { assert } from '#std/assert';

interface Curve {
  /** OpenSSL's name. */
  readonly name: string;
  /** The field's prime. */
  readonly p: bigint;
  /** Of y^2 = x^3 + ax + b. */
  readonly a: bigint;
  /** The order of the base point. */
  readonly n: bigint;
}

/** By the names of JSON Web Keys. SEC 2, and FIPS 186-4 D.1.2. */
const curves: Readonly<Record<string, Curve>> = {
  'P-256': {
    name: 'prime256v1',
    p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    a: -3n,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  'P-384': {
    name: 'secp384r1',
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    a: -3n,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
  'P-521': {
    name: 'secp521r1',
    p: 2n ** 521n - 1n,
    a: -3n,
    n: 2n ** 521n - 2n ** 260n + 0xa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  },
  secp256k1: {
    name: 'secp256k1',
    p: 2n ** 256n - 2n ** 32n - 977n,
    a: 0n,
    n: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  },
};

interface Point {
  readonly x: bigint;
  readonly y: bigint;
}

/** A DER signature. `privateKey`: PKCS #8. */
export function signDigestEcdsa(privateKey: Buffer, digest: Uint8Array): Buffer {
  const jwk = createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' });
  const { n, name } = curveOf(jwk);
  const d = fromBase64Url(jwk.d);
  const z = leftmostBits(digest, n);
  for (;;) {
    const ephemeral = createECDH(name);
    ephemeral.generateKeys();
    const k = fromBytes(ephemeral.getPrivateKey());
    const r = readPoint(ephemeral.getPublicKey()).x % n;
    // Arithmetic on big integers takes longer or shorter with its operands: so they are multiplied by chance first.
    const blind = randomBelow(n);
    const s = (inverse((k * blind) % n, n) * (((z * blind) % n) + ((((r * blind) % n) * d) % n))) % n;
    if (r !== 0n && s !== 0n) return encodeSignature(r, s);
  }
}

/** `publicKey`: SubjectPublicKeyInfo. */
export function verifyDigestEcdsa(publicKey: Buffer, digest: Uint8Array, signature: Uint8Array): boolean {
  const jwk = createPublicKey({ key: publicKey, format: 'der', type: 'spki' }).export({ format: 'jwk' });
  const curve = curveOf(jwk);
  const { n } = curve;
  const numbers = decodeSignature(signature);
  if (numbers === undefined) return false;
  const [r, s] = numbers;
  if (r < 1n || r >= n || s < 1n || s >= n) return false;
  const w = inverse(s, n);
  const u1 = (leftmostBits(digest, n) * w) % n;
  const u2 = (r * w) % n;
  // u1 G + u2 Q is u2 (Q + u1/u2 G): two multiplications for ECDH, and one addition.
  const q = { x: fromBase64Url(jwk.x), y: fromBase64Url(jwk.y) };
  const sum = u1 === 0n ? q : add(curve, q, multiplyBase(curve, (u1 * inverse(u2, n)) % n));
  return sum !== undefined && multiplyX(curve, u2, sum) % n === r;
}

function curveOf({ crv }: JsonWebKey): Curve {
  const curve = curves[crv ?? ''];
  assert(curve !== undefined, `${crv} is a curve that is known`);
  return curve;
}

function multiplyBase(curve: Curve, scalar: bigint): Point {
  const ecdh = createECDH(curve.name);
  ecdh.setPrivateKey(toBytes(scalar, curve.n));
  return readPoint(ecdh.getPublicKey());
}

/** Only the first coordinate: it is what ECDH gives. */
function multiplyX(curve: Curve, scalar: bigint, { x, y }: Point): bigint {
  const ecdh = createECDH(curve.name);
  ecdh.setPrivateKey(toBytes(scalar, curve.n));
  const point = Buffer.concat([Buffer.of(4), toBytes(x, curve.p), toBytes(y, curve.p)]);
  return fromBytes(ecdh.computeSecret(point));
}

/** Undefined if the sum is the point at infinity. */
function add({ p, a }: Curve, one: Point, other: Point): Point | undefined {
  if (one.x === other.x && one.y !== other.y) return undefined;
  const slope =
    one.x === other.x
      ? (3n * one.x * one.x + a) * inverse(2n * one.y, p)
      : (other.y - one.y) * inverse(other.x - one.x, p);
  const x = modulo(slope * slope - one.x - other.x, p);
  return { x, y: modulo(slope * (one.x - x) - one.y, p) };
}

/** An uncompressed point: 4, x, y. */
function readPoint(bytes: Buffer): Point {
  const length = (bytes.length - 1) / 2;
  return { x: fromBytes(bytes.subarray(1, 1 + length)), y: fromBytes(bytes.subarray(1 + length)) };
}

/** As many bits of the digest as the order has. */
function leftmostBits(digest: Uint8Array, n: bigint): bigint {
  const excess = digest.length * 8 - n.toString(2).length;
  const value = fromBytes(digest);
  return (excess > 0 ? value >> BigInt(excess) : value) % n;
}

function randomBelow(n: bigint): bigint {
  // 64 bits more than needed: what is left of a bias is out of reach.
  return (fromBytes(randomBytes(byteLength(n) + 8)) % (n - 1n)) + 1n;
}

/** By Euclid's algorithm. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b] = [modulo(value, modulus), modulus];
  let [x, y] = [1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  assert(a === 1n, 'what is inverted has no factor in common with the modulus');
  return modulo(x, modulus);
}

function modulo(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

function fromBytes(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function fromBase64Url(text: string | undefined): bigint {
  assert(text !== undefined, 'an exported key has its numbers');
  return fromBytes(Buffer.from(text, 'base64url'));
}

function byteLength(modulus: bigint): number {
  return Math.ceil(modulus.toString(16).length / 2);
}

function toBytes(value: bigint, modulus: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(byteLength(modulus) * 2, '0'), 'hex');
}

/** SEQUENCE of two INTEGERs. */
function encodeSignature(r: bigint, s: bigint): Buffer {
  const content = Buffer.concat([encodeInteger(r), encodeInteger(s)]);
  const length = content.length < 128 ? Buffer.of(content.length) : Buffer.of(0x81, content.length);
  return Buffer.concat([Buffer.of(0x30), length, content]);
}

function encodeInteger(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const isHigh = (bytes[0] ?? 0) >= 0x80;
  return Buffer.concat([Buffer.of(0x02, bytes.length + (isHigh ? 1 : 0)), isHigh ? Buffer.of(0) : Buffer.of(), bytes]);
}

/** Only the encoding that `encodeSignature` gives: another one would be a second signature for the same thing. */
function decodeSignature(bytes: Uint8Array): readonly [bigint, bigint] | undefined {
  let at = bytes[1] === 0x81 ? 3 : 2;
  const numbers: bigint[] = [];
  while (numbers.length < 2) {
    const length = bytes[at + 1] ?? 0;
    if (bytes[at] !== 0x02 || length === 0 || at + 2 + length > bytes.length) return undefined;
    numbers.push(fromBytes(bytes.subarray(at + 2, at + 2 + length)));
    at += 2 + length;
  }
  const [r = 0n, s = 0n] = numbers;
  return encodeSignature(r, s).equals(bytes) ? [r, s] : undefined;
}
