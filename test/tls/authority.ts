/** What the tests of TLS begin with: an authority, and the files that it has signed. */
import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Credentials, issueClient, issueServer, makeAuthority } from '../../src/cli/certificates.ts';

const validity = { now: new Date(), days: 2 };

export const authority = makeAuthority('An authority', validity);
export const otherAuthority = makeAuthority('Another authority', validity);

export function serverCredentials(): Credentials {
  return issueServer(authority, ['localhost', '127.0.0.1', '::1'], validity);
}

/** A certificate that was valid for a day, ten days ago. */
export function expiredCredentials(): Credentials {
  const past = { now: new Date(Date.now() - 10 * 24 * 60 * 60 * 1000), days: 1 };
  return issueServer(authority, ['localhost'], past);
}

export const rightClient = issueClient(authority, 'orders', validity);
export const strangeClient = issueClient(authority, 'stranger', validity);
export const wrongClient = issueClient(otherAuthority, 'orders', validity);

/** As tools that renew certificates do: a new file takes the place of the old one. */
export async function replaceFile(folder: string, name: string, content: string): Promise<string> {
  const path = join(folder, name);
  const temporary = join(folder, `.${randomBytes(6).toString('hex')}`);
  await writeFile(temporary, content, { mode: 0o600 });
  await rename(temporary, path);
  return path;
}

export async function writeServerFiles(folder: string, { certificate, privateKey }: Credentials) {
  const cert = await replaceFile(folder, 'server.pem', certificate);
  const key = await replaceFile(folder, 'server-key.pem', privateKey);
  return { cert, key };
}
