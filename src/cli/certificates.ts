/**
 * Certificates for development: an authority of one's own, and what it signs. Elliptic curve keys (P-256), which every
 * client takes and which are made within a millisecond.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import {
  bitString,
  explicit,
  implicit,
  integer,
  isTrue,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  time,
  utf8String,
} from '#std/der';

/** A certificate and its key, PEM. */
export interface Credentials {
  readonly certificate: string;
  /** PKCS #8. */
  readonly privateKey: string;
}

export interface Authority extends Credentials {
  readonly name: string;
  readonly signingKey: KeyObject;
  readonly keyId: Buffer;
}

export interface Validity {
  readonly now: Date;
  readonly days: number;
}

const dayMs = 24 * 60 * 60 * 1000;

const oids = {
  commonName: '2.5.4.3',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuthentication: '1.3.6.1.5.5.7.3.1',
  clientAuthentication: '1.3.6.1.5.5.7.3.2',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const;

/** The kinds of names among a certificate's alternative names. */
const alternativeName = { dns: 2, address: 7 } as const;

/** Bits of the extension, the first one highest; with the number of low bits that do not count. */
const keyUsage = {
  signing: bitString(Buffer.of(0x80), 7),
  certificatesAndLists: bitString(Buffer.of(0x06), 1),
} as const;

const algorithm = sequence(objectIdentifier(oids.ecdsaWithSha256));

interface Key {
  readonly publicKey: Buffer;
  readonly signingKey: KeyObject;
  readonly privateKey: string;
}

export function makeAuthority(name: string, validity: Validity): Authority {
  const key = makeKey();
  const keyId = keyIdOf(key.publicKey);
  const extensions = [
    // It signs servers and clients, never another authority.
    extension(oids.basicConstraints, sequence(isTrue(), integer(Buffer.of(0))), isTrue()),
    extension(oids.keyUsage, keyUsage.certificatesAndLists, isTrue()),
    extension(oids.subjectKeyId, octetString(keyId)),
  ];
  const body = certificateBody({ issuer: name, subject: name, publicKey: key.publicKey, extensions, ...validity });
  return {
    ...{ name, keyId, signingKey: key.signingKey, privateKey: key.privateKey },
    certificate: signed(body, key.signingKey),
  };
}

/** For a server that clients know under these names and addresses. */
export function issueServer(authority: Authority, hosts: readonly string[], validity: Validity): Credentials {
  const names = hosts.map((host) =>
    isIP(host) === 0
      ? implicit(alternativeName.dns, Buffer.from(host, 'ascii'))
      : implicit(alternativeName.address, addressBytes(host)),
  );
  // X.509 has room for 64 characters there; clients look at the alternative names only.
  const subject = hosts.find((host) => host.length <= 64) ?? 'server';
  const extra = [extension(oids.subjectAltName, sequence(...names))];
  return issue(authority, { subject, purpose: oids.serverAuthentication, extra, validity });
}

/** For a client of this name. */
export function issueClient(authority: Authority, subject: string, validity: Validity): Credentials {
  return issue(authority, { subject, purpose: oids.clientAuthentication, extra: [], validity });
}

interface Issued {
  readonly subject: string;
  readonly purpose: string;
  readonly extra: readonly Buffer[];
  readonly validity: Validity;
}

function issue(authority: Authority, { subject, purpose, extra, validity }: Issued): Credentials {
  const key = makeKey();
  const extensions = [
    extension(oids.basicConstraints, sequence(), isTrue()),
    extension(oids.keyUsage, keyUsage.signing, isTrue()),
    extension(oids.extendedKeyUsage, sequence(objectIdentifier(purpose))),
    extension(oids.subjectKeyId, octetString(keyIdOf(key.publicKey))),
    extension(oids.authorityKeyId, sequence(implicit(0, authority.keyId))),
    ...extra,
  ];
  const body = certificateBody({ issuer: authority.name, subject, publicKey: key.publicKey, extensions, ...validity });
  return { privateKey: key.privateKey, certificate: signed(body, authority.signingKey) };
}

function makeKey(): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
    signingKey: privateKey,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

interface Body extends Validity {
  readonly issuer: string;
  readonly subject: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  readonly extensions: readonly Buffer[];
}

/** TBSCertificate of RFC 5280. */
function certificateBody({ issuer, subject, publicKey, extensions, now, days }: Body): Buffer {
  // From a day before, so that it is valid on machines whose clocks are late.
  const notBefore = new Date(now.getTime() - dayMs);
  const notAfter = new Date(now.getTime() + days * dayMs);
  return sequence(
    explicit(0, integer(Buffer.of(2))), // version 3
    integer(serialNumber()),
    algorithm,
    nameOf(issuer),
    sequence(time(notBefore), time(notAfter)),
    nameOf(subject),
    publicKey,
    explicit(3, sequence(...extensions)),
  );
}

function signed(body: Buffer, key: KeyObject): string {
  return pem('CERTIFICATE', sequence(body, algorithm, bitString(sign('sha256', body, key))));
}

function extension(oid: string, contents: Buffer, ...critical: Buffer[]): Buffer {
  return sequence(objectIdentifier(oid), ...critical, octetString(contents));
}

function nameOf(commonName: string): Buffer {
  return sequence(setOf(sequence(objectIdentifier(oids.commonName), utf8String(commonName))));
}

/** By which a client finds the certificate that signed another; any digest of the key will do. */
function keyIdOf(publicKey: Buffer): Buffer {
  return createHash('sha256').update(publicKey).digest().subarray(0, 20);
}

/** Positive and never zero: the highest bit is clear, the one after it is set. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  // A URL writes every IPv6 address in one form, without dots.
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail = ''] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
}
