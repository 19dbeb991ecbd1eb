/** Against the signer of AWS's own SDK: both have to sign alike. */
import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { assert, asyncProperty, constantFrom, dictionary, option, record, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AwsCredentials, sign } from './sign.ts';

type Data = string | ArrayBuffer | ArrayBufferView;

/** The hash that the SDK asks for, by Node's. */
class Sha256 {
  readonly #hash;

  constructor(secret?: Data) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: Data): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error('nobody uses a hash twice');
  }
}

function bytesOf(data: Data): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

interface Sample {
  readonly method: string;
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const now = Date.UTC(2026, 2, 1, 12, 34, 56);
const plain: AwsCredentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalr/XUtn+FEMI',
  sessionToken: undefined,
};

async function signedBySdk({ method, url, headers, body }: Sample, credentials: AwsCredentials): Promise<string> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    ...{ region: 'us-east-1', service: 'sqs', sha256: Sha256 },
  });
  const query = Object.fromEntries([...url.searchParams.keys()].map((name) => [name, url.searchParams.getAll(name)]));
  const { protocol, hostname, pathname: path } = url;
  const signed = await signer.sign(
    { method, protocol, hostname, path, query, body, headers: { ...headers, host: url.host } },
    { signingDate: new Date(now) },
  );
  return signed.headers.authorization ?? '';
}

async function expectSame(sample: Sample, credentials: AwsCredentials): Promise<void> {
  const ours = sign(sample, credentials, { region: 'us-east-1', service: 'sqs', now });
  expect(ours.authorization).toBe(await signedBySdk(sample, credentials));
}

describe('a signature', () => {
  it('is the one of the SDK, for a call', async () => {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' };
    const url = new URL('http://127.0.0.1:4566/');
    await expectSame({ method: 'POST', url, headers, body: '{"MessageBody":"Grüße"}' }, plain);
  });

  it('covers the token of a session', async () => {
    const url = new URL('https://queues.example.com/_posthorn/queues?limit=1');
    const sample = { method: 'GET', url, headers: {}, body: '' };
    await expectSame(sample, { ...plain, sessionToken: 'IQoJb3JpZ2luX2VjE/+=' });
    const { authorization } = sign(sample, { ...plain, sessionToken: 'x' }, { region: 'r', service: 's', now });
    expect(authorization).toContain('SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,');
  });

  it('is the one of the SDK for every path and every query', async () => {
    const text = string({ unit: 'grapheme', maxLength: 8 });
    const samples = record({
      ...{ method: constantFrom('GET', 'POST'), segment: text, query: dictionary(text, text, { maxKeys: 4 }) },
      ...{ body: text, sessionToken: option(constantFrom('token/+='), { nil: undefined }) },
    });
    const property = asyncProperty(samples, async ({ method, segment, query, body, sessionToken }) => {
      // A dot segment is another path, and so is an empty one.
      const path = `/_posthorn/queues/x${encodeURIComponent(segment)}/messages`;
      const url = new URL(`http://127.0.0.1:4566${path}?${new URLSearchParams(query)}`);
      await expectSame({ method, url, headers: {}, body }, { ...plain, sessionToken });
    });
    await assert(property, { numRuns: 500 });
  });
});
