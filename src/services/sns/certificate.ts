/**
 * The key that envelopes are signed with, and the certificate that goes with it. Made once, and kept: whoever has
 * cached the certificate by its URL must find new envelopes signed with the same key.
 *
 * AWS's certificate is issued by a public authority. Ours is self-signed, for the validators of the SDKs look at its
 * names and its dates, not at its issuer.
 */
import { createHash, generateKeyPair, randomBytes, sign, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
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

export interface SigningIdentity {
  /** PKCS #8, PEM. */
  readonly privateKey: string;
  /** X.509, PEM. */
  readonly certificate: string;
}

/** AWS's own: the validator of its Java SDK compares it. */
const certificateName = 'sns.amazonaws.com';

const rsaBits = 2_048;
const serialNumberBytes = 16;
/** It is never renewed, for it is no more than the public key in an envelope that validators can read. */
const validityYears = 100;
/** So that it is valid on machines whose clocks are late. */
const clockSkewMs = 24 * 60 * 60 * 1000;

const oids = {
  commonName: '2.5.4.3',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  sha256WithRsa: '1.2.840.113549.1.1.11',
} as const;

/** A DNS name among a certificate's alternative names. */
const dnsName = 2;

/** Takes some hundred milliseconds of another thread: finding primes is slow. */
export async function makeSigningIdentity(now: Date, commonName = certificateName): Promise<SigningIdentity> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: rsaBits,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const algorithm = sequence(objectIdentifier(oids.sha256WithRsa), Buffer.of(0x05, 0x00));
  const body = certificateBody(publicKey, algorithm, commonName, now);
  const signature = sign('sha256', body, privateKey);
  return { privateKey, certificate: pem('CERTIFICATE', sequence(body, algorithm, bitString(signature))) };
}

/**
 * Where the certificate is served, under Posthorn's own URL. The name has AWS's form, 32 hexadecimal digits, which
 * `sns-payload-validator` insists on; here they are the certificate's own digest.
 */
export function certificatePath(certificate: string): string {
  const digest = createHash('sha256').update(new X509Certificate(certificate).raw).digest('hex');
  return `/SimpleNotificationService-${digest.slice(0, 32)}.pem`;
}

/** TBSCertificate of RFC 5280. */
function certificateBody(publicKey: Uint8Array, algorithm: Uint8Array, commonName: string, now: Date): Buffer {
  const name = sequence(setOf(sequence(objectIdentifier(oids.commonName), utf8String(commonName))));
  const notBefore = new Date(now.getTime() - clockSkewMs);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notBefore.getUTCFullYear() + validityYears);
  return sequence(
    explicit(0, integer(Buffer.of(2))), // version 3
    integer(serialNumber()),
    algorithm,
    name, // the issuer
    sequence(time(notBefore), time(notAfter)),
    name, // the subject
    publicKey,
    explicit(3, extensions(commonName)),
  );
}

function extensions(commonName: string): Buffer {
  const digitalSignature = bitString(Buffer.of(0x80), 7);
  return sequence(
    sequence(objectIdentifier(oids.basicConstraints), isTrue(), octetString(sequence())),
    sequence(objectIdentifier(oids.keyUsage), isTrue(), octetString(digitalSignature)),
    sequence(
      objectIdentifier(oids.subjectAltName),
      octetString(sequence(implicit(dnsName, Buffer.from(commonName, 'ascii')))),
    ),
  );
}

/** Positive and never zero: the highest bit is clear, the one after it is set. */
function serialNumber(): Buffer {
  const bytes = randomBytes(serialNumberBytes);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
}
