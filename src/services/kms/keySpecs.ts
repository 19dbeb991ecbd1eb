/** The kinds of keys: what they are for, by which algorithms, and how they are made. */
import { generateKeyPair, randomBytes } from 'node:crypto';

export type KeyUsage = 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY' | 'GENERATE_VERIFY_MAC';

interface KeySpec {
  /** The algorithms for each usage that the spec has. */
  readonly algorithms: { readonly [Usage in KeyUsage]?: readonly string[] };
  readonly make: () => Promise<NewMaterial>;
}

export interface NewMaterial {
  /** Secret: random bytes, or a private key in PKCS #8. */
  readonly secret: Buffer;
  /** SubjectPublicKeyInfo. */
  readonly publicKey?: Buffer;
}

const rsaSigning = [
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
] as const;

export const keySpecs = {
  SYMMETRIC_DEFAULT: { algorithms: { ENCRYPT_DECRYPT: ['SYMMETRIC_DEFAULT'] }, make: () => randomSecret(32) },
  RSA_2048: rsa(2048),
  RSA_3072: rsa(3072),
  RSA_4096: rsa(4096),
  ECC_NIST_P256: elliptic('P-256', 'ECDSA_SHA_256'),
  ECC_NIST_P384: elliptic('P-384', 'ECDSA_SHA_384'),
  ECC_NIST_P521: elliptic('P-521', 'ECDSA_SHA_512'),
  ECC_SECG_P256K1: elliptic('secp256k1', 'ECDSA_SHA_256'),
  HMAC_224: hmac(28, 'HMAC_SHA_224'),
  HMAC_256: hmac(32, 'HMAC_SHA_256'),
  HMAC_384: hmac(48, 'HMAC_SHA_384'),
  HMAC_512: hmac(64, 'HMAC_SHA_512'),
} as const satisfies Readonly<Record<string, KeySpec>>;

export type KeySpecName = keyof typeof keySpecs;

export function isKeySpec(name: string): name is KeySpecName {
  return Object.hasOwn(keySpecs, name);
}

/** Empty if the spec is not for that. */
export function algorithmsOf(name: KeySpecName, usage: KeyUsage): readonly string[] {
  const { algorithms }: KeySpec = keySpecs[name];
  return algorithms[usage] ?? [];
}

export function isAsymmetric(name: KeySpecName): boolean {
  return name.startsWith('RSA_') || name.startsWith('ECC_');
}

export function makeMaterial(name: KeySpecName): Promise<NewMaterial> {
  return keySpecs[name].make();
}

type PairMaker = (kind: 'rsa' | 'ec', options: object, done: PairListener) => void;
type PairListener = (error: Error | null, publicKey: Buffer, privateKey: Buffer) => void;

/** Off the event loop: an RSA key may take seconds. Node's types say KeyObject for what these encodings make a buffer. */
function makePair(kind: 'rsa' | 'ec', about: object): Promise<NewMaterial> {
  const options = {
    ...about,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  };
  return new Promise((resolve, reject) => {
    (generateKeyPair as PairMaker)(kind, options, (error, publicKey, secret) => {
      if (error === null) resolve({ secret, publicKey });
      else reject(error);
    });
  });
}

function rsa(modulusLength: number): KeySpec {
  return {
    algorithms: { ENCRYPT_DECRYPT: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'], SIGN_VERIFY: rsaSigning },
    make: () => makePair('rsa', { modulusLength }),
  };
}

function elliptic(namedCurve: string, algorithm: string): KeySpec {
  return {
    algorithms: { SIGN_VERIFY: [algorithm] },
    make: () => makePair('ec', { namedCurve }),
  };
}

/** The key is as long as the digest. */
function hmac(bytes: number, algorithm: string): KeySpec {
  return { algorithms: { GENERATE_VERIFY_MAC: [algorithm] }, make: () => randomSecret(bytes) };
}

async function randomSecret(bytes: number): Promise<NewMaterial> {
  return { secret: randomBytes(bytes) };
}
