import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { certificatePath, makeSigningIdentity } from './certificate.ts';

const now = new Date('2026-07-01T12:00:00Z');
const { privateKey, certificate } = await makeSigningIdentity(now);
const parsed = new X509Certificate(certificate);

test('is a certificate of its own key, in the name that validators expect', () => {
  expect(parsed.subject).toBe('CN=sns.amazonaws.com');
  expect(parsed.issuer).toBe('CN=sns.amazonaws.com');
  expect(parsed.subjectAltName).toBe('DNS:sns.amazonaws.com');
  expect(parsed.checkHost('sns.amazonaws.com')).toBe('sns.amazonaws.com');
  expect(parsed.ca).toBe(false);
  expect(parsed.checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
  expect(parsed.publicKey.asymmetricKeyType).toBe('rsa');
  expect(parsed.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
});

test('is signed with it, and only with it', async () => {
  const other = await makeSigningIdentity(now);
  expect(parsed.verify(parsed.publicKey)).toBe(true);
  expect(parsed.verify(createPublicKey(other.certificate))).toBe(false);
  expect(new X509Certificate(other.certificate).serialNumber).not.toBe(parsed.serialNumber);
});

test('is valid from the day before, for 100 years', () => {
  expect(new Date(parsed.validFrom)).toEqual(new Date('2026-06-30T12:00:00Z'));
  expect(new Date(parsed.validTo)).toEqual(new Date('2126-06-30T12:00:00Z'));
});

test('is plain PEM, in lines of 64 characters', () => {
  const lines = certificate.trimEnd().split('\n');
  expect(lines[0]).toBe('-----BEGIN CERTIFICATE-----');
  expect(lines.at(-1)).toBe('-----END CERTIFICATE-----');
  expect(lines.slice(1, -2).every((line) => line.length === 64)).toBe(true);
  expect(privateKey).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
});

test('is served under a name like those of AWS, that is its own', async () => {
  const path = certificatePath(certificate);
  expect(path).toMatch(/^\/SimpleNotificationService-[0-9a-f]{32}\.pem$/);
  expect(certificatePath(certificate)).toBe(path);
  expect(certificatePath((await makeSigningIdentity(now)).certificate)).not.toBe(path);
});
