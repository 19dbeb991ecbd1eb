/** The certificate files of the listener, read and tried before anything is served with them. */

import { randomBytes, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';

export interface TlsOptions {
  /** A file: the certificate, with those of the authorities between it and the root behind it. PEM. */
  readonly cert: string;
  /** A file: the certificate's private key, without a passphrase. PEM. */
  readonly key: string;
  /** A file: the authorities whose client certificates are believed. Without it, clients are not asked for one. PEM. */
  readonly clientCa?: string;
  /** Whether a client without a certificate is served all the same; `required` unless given. */
  readonly clientCertificates?: 'required' | 'optional';
  /** 1.2 unless given. */
  readonly minVersion?: '1.2' | '1.3';
}

/** A sentence for people; 2 is the exit code of a setting that can't be used. */
export class TlsUnusable extends Error {
  readonly exitCode = 2;

  constructor(message: string) {
    super(message);
    this.name = 'TlsUnusable';
  }
}

/** What handshakes are made with, as plain data. */
export interface TlsKeys {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /**
   * Seal the sessions that clients resume: 48 bytes in base64. Every process has the same ones. Other files come with other
   * keys, so that nobody gets in by a session who would not by a handshake.
   */
  readonly ticketKeys: string;
}

/** What a process needs to speak TLS as the listener does, as plain data. */
export interface TlsSettings {
  readonly keys: TlsKeys;
  readonly clientCertificates: 'unasked' | 'required' | 'optional';
}

export interface TlsContext {
  readonly keys: TlsKeys;
  /** Equal for equal files. */
  readonly content: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Rejects with `TlsUnusable`; the answer is one that Node has taken. */
export async function readTls(files: TlsOptions): Promise<TlsContext> {
  const cert = await readPem(files.cert, 'CERTIFICATE');
  const key = await readPem(files.key, 'PRIVATE KEY');
  const ca = files.clientCa === undefined ? undefined : await readPem(files.clientCa, 'CERTIFICATE');
  const keys: TlsKeys = {
    ...{ cert, key, minVersion: files.minVersion === '1.3' ? 'TLSv1.3' : 'TLSv1.2' },
    ...(ca !== undefined && { ca }),
    ticketKeys: randomBytes(48).toString('base64'),
  };
  const expiresAt = Date.parse(parsed(cert, files.cert).validTo);
  if (ca !== undefined && files.clientCa !== undefined) parsed(ca, files.clientCa);
  try {
    createSecureContext(secureContextOptions(keys));
  } catch (error) {
    throw new TlsUnusable(`${files.cert} and ${files.key} can't be used together: ${reasonOf(error)}.`);
  }
  return { keys, content: [cert, key, ca].join('\n'), expiresAt };
}

/** As Node takes them. */
export function secureContextOptions({ ticketKeys, ...pems }: TlsKeys): SecureContextOptions {
  // A session is for the processes that share its context's name, which Node would derive from how each was started.
  return { ...pems, ticketKeys: Buffer.from(ticketKeys, 'base64'), sessionIdContext: 'posthorn' };
}

async function readPem(path: string, kind: 'CERTIFICATE' | 'PRIVATE KEY'): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new TlsUnusable(`${path} can't be read: ${reasonOf(error)}.`);
  });
  if (!new RegExp(`^-----BEGIN [A-Z ]*${kind}-----`, 'm').test(text)) {
    const what = kind === 'CERTIFICATE' ? 'certificate' : 'private key';
    throw new TlsUnusable(`${path} holds no ${what}: a file in PEM is wanted, with a line BEGIN ${kind}.`);
  }
  if (kind === 'PRIVATE KEY' && text.includes('ENCRYPTED')) {
    throw new TlsUnusable(`The private key in ${path} has a passphrase; one without is wanted.`);
  }
  return text;
}

/** Of a chain, the first. */
function parsed(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new TlsUnusable(`The certificate in ${path} can't be read: ${reasonOf(error)}.`);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
}
