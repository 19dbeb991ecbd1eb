/** The certificate files of the listener, read and tried before anything is served with them. */

import { X509Certificate } from 'node:crypto';
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

export interface TlsContext {
  readonly options: SecureContextOptions;
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
  const options: SecureContextOptions = {
    ...{ cert, key, minVersion: files.minVersion === '1.3' ? 'TLSv1.3' : 'TLSv1.2' },
    ...(ca !== undefined && { ca }),
  };
  const expiresAt = Date.parse(parsed(cert, files.cert).validTo);
  if (ca !== undefined && files.clientCa !== undefined) parsed(ca, files.clientCa);
  try {
    createSecureContext(options);
  } catch (error) {
    throw new TlsUnusable(`${files.cert} and ${files.key} can't be used together: ${reasonOf(error)}.`);
  }
  return { options, content: [cert, key, ca].join('\n'), expiresAt };
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
