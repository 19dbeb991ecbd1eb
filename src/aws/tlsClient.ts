/** Whom the certificates of clients stand for. */
import type { ClientCertificate } from './tlsFacts.ts';

/** ARNs of principals, by the common name or the fingerprint of a certificate. */
export type ClientPrincipals = Readonly<Record<string, string>>;

/** The fingerprint says more than the name, and wins. */
export function principalOf(certificate: ClientCertificate, principals: ClientPrincipals): string | undefined {
  const { subject, fingerprint256 } = certificate;
  for (const [name, arn] of Object.entries(principals)) if (fingerprintOf(name) === fingerprint256) return arn;
  return subject !== '' && Object.hasOwn(principals, subject) ? principals[subject] : undefined;
}

/** As tools write them: with colons or without, in capitals or not. */
function fingerprintOf(text: string): string | undefined {
  const digits = text.replaceAll(':', '').toUpperCase();
  return /^[0-9A-F]{64}$/.test(digits) ? digits.match(/../g)?.join(':') : undefined;
}
