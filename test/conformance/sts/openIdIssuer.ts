/** Somebody who vouches for web identities: keys, and the pages that tell them. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JSONWebKeySet, type JWTPayload, SignJWT } from 'jose';

export interface OpenIdIssuer {
  readonly url: string;
  readonly jwks: JSONWebKeySet;
  /** How often its keys have been fetched. */
  fetches(): number;
  /** A token for whoever is named; claims that are undefined are left out. */
  token(
    claims?: Readonly<Record<string, unknown>>,
    options?: { readonly algorithm?: 'RS256' | 'HS256'; readonly isForged?: boolean },
  ): Promise<string>;
  close(): Promise<void>;
}

export async function startOpenIdIssuer(): Promise<OpenIdIssuer> {
  const keys = await generateKeyPair('RS256');
  const others = await generateKeyPair('RS256');
  const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }] };
  let fetched = 0;
  const server: Server = createServer((request, response) => {
    const isConfiguration = request.url === '/.well-known/openid-configuration';
    if (!isConfiguration && request.url !== '/keys') return response.writeHead(404).end();
    if (!isConfiguration) fetched += 1;
    const body = isConfiguration ? { issuer: url(), jwks_uri: `${url()}/keys` } : jwks;
    return response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  });
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    ...{ url: url(), jwks, fetches: () => fetched },
    token: (claims = {}, { algorithm = 'RS256', isForged = false } = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const all: JWTPayload = {
        iss: url(),
        sub: 'system:serviceaccount:app',
        aud: 'sts.amazonaws.com',
        iat: now,
        exp: now + 300,
        ...claims,
      };
      const signer = new SignJWT(all).setProtectedHeader({ alg: algorithm, kid: 'one' });
      if (algorithm === 'HS256') return signer.sign(Buffer.from(JSON.stringify(jwks.keys[0])));
      return signer.sign(isForged ? others.privateKey : keys.privateKey);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
