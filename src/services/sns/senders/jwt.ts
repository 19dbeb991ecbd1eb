import { createPrivateKey, type KeyObject, sign } from 'node:crypto';

/** RSA keys sign with RS256, elliptic ones with ES256 (RFC 7518); both are what Google and Apple want. */
export function signJwt(claims: object, key: KeyObject, header: { readonly kid?: string | undefined } = {}): string {
  const isRsa = key.asymmetricKeyType === 'rsa';
  const parts = [{ alg: isRsa ? 'RS256' : 'ES256', typ: 'JWT', ...header }, claims];
  const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = sign('sha256', Buffer.from(signed), isRsa ? key : { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

/** Of PEM, or of its base64 alone, as people paste it. Undefined if it is no key. */
export function readPrivateKey(text: string): KeyObject | undefined {
  const isPem = text.includes('-----BEGIN');
  try {
    if (isPem) return createPrivateKey(text);
    return createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' });
  } catch {
    return undefined;
  }
}
