/** Requests of many shapes, signed by the SDK's own signer, as a server gets them from a socket. */

import { STSClient } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import {
  isRefused,
  readSignature,
  type Signature,
  type SignatureRefusal,
  type SignedRequest,
  SigningKeys,
  verifySignature,
} from '../../src/aws/sigv4/index.ts';

/** What is signed; texts are whole, and none of the segments of the path is empty or a dot segment. */
export interface Draft {
  readonly form: 'header' | 'presigned';
  readonly method: string;
  readonly segments: readonly string[];
  readonly query: Readonly<Record<string, string | string[]>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly region: string;
  readonly service: string;
  readonly sessionToken: string | undefined;
}

export const signedAt = Date.UTC(2026, 0, 2, 3, 4, 5);
export const accessKeyId = 'AKIAFUZZ';
const secretAccessKey = 'not a secret';
const { sha256 } = new STSClient({ region: 'us-east-1' }).config;
const keys = new SigningKeys();

export async function signDraft(draft: Draft): Promise<SignedRequest> {
  const { form, method, body, region, service, sessionToken } = draft;
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  const signer = new SignatureV4({ service, region, sha256, credentials });
  const path = `/${draft.segments.map(escaped).join('/')}`;
  const request = {
    ...{ method, protocol: 'http:', hostname: 'localhost', path, body },
    ...{ query: { ...draft.query }, headers: { host: 'localhost:9324', ...draft.headers } },
  };
  const signingDate = new Date(signedAt);
  const signed =
    form === 'header'
      ? await signer.sign(request, { signingDate })
      : await signer.presign(request, { signingDate, expiresIn: 900 });
  const pairs = Object.entries(signed.query ?? {}).flatMap(([name, values]) =>
    [values ?? ''].flat().map((value) => `${escaped(name)}=${escaped(value)}`),
  );
  const rawHeaders = Object.entries(signed.headers).flat();
  return { method, path, query: pairs.join('&'), rawHeaders, body: Buffer.from(body) };
}

function escaped(text: string): string {
  return encodeURIComponent(text);
}

/** What a server of the draft's service says, that knows one access key. */
export function judge(request: SignedRequest, service: string): Signature | SignatureRefusal {
  const signature = readSignature(request, { service, now: signedAt });
  if (isRefused(signature)) return signature;
  if (signature.accessKeyId !== accessKeyId) return { refused: 'unknownKey', message: '' };
  return verifySignature(signature, request, secretAccessKey, { keys }) ?? signature;
}
