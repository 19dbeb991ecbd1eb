/** Requests of the real SDKs, as they arrive on a socket. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import { EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSignature } from './read.ts';
import { isRefused, type SignatureRefusal, type SignedRequest } from './signature.ts';
import { SigningKeys } from './signingKeys.ts';
import { verifySignature } from './verify.ts';

const accessKeyId = 'AKIDEXAMPLE';
const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const sessionToken = 'IQoJb3JpZ2luX2VjE+/=token==';
const text = 'grüße, ✓ and "quotes"   with spaces';

let server: Server;
let endpoint: string;
let captured: SignedRequest | undefined;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', rawHeaders } = request;
      const [path = '', query = ''] = url.split('?', 2);
      captured = { method, path, query, rawHeaders, body: Buffer.concat(chunks) };
      response.writeHead(403).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

function settings(region: string, token?: string) {
  const credentials = { accessKeyId, secretAccessKey, ...(token !== undefined && { sessionToken: token }) };
  return { endpoint, region, credentials, maxAttempts: 1 };
}

const sends: Readonly<Record<string, (region: string, token?: string) => Promise<unknown>>> = {
  sqs: (region, token) =>
    new SQSClient(settings(region, token)).send(
      new SendMessageCommand({ QueueUrl: `${endpoint}/111122223333/orders.fifo`, MessageBody: text }),
    ),
  sns: (region, token) =>
    new SNSClient(settings(region, token)).send(new PublishCommand({ TopicArn: 'arn:aws:sns:x:1:t', Message: text })),
  kms: (region, token) =>
    new KMSClient(settings(region, token)).send(new EncryptCommand({ KeyId: 'alias/a', Plaintext: Buffer.from(text) })),
  iam: (region, token) => new IAMClient(settings(region, token)).send(new ListUsersCommand({ PathPrefix: '/ä b+c/' })),
  sts: (region, token) =>
    new STSClient(settings(region, token)).send(
      new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::1:role/r', RoleSessionName: 's+t' }),
    ),
};

async function sent(send: () => Promise<unknown>): Promise<SignedRequest> {
  captured = undefined;
  await send().catch(() => {});
  if (captured === undefined) throw new Error('the client sent nothing');
  return captured;
}

function outcomeOf(request: SignedRequest, service: string, secret = secretAccessKey): SignatureRefusal | undefined {
  const signature = readSignature(request, { service, now: Date.now() });
  if (isRefused(signature)) return signature;
  expect(signature.accessKeyId).toBe(accessKeyId);
  return verifySignature(signature, request, secret, { keys: new SigningKeys() });
}

describe.each(Object.keys(sends))('the client of %s', (service) => {
  it.each([['us-east-1', undefined] as const, ['eu-central-1', sessionToken] as const])(
    'is believed in %s with the session token %s, and not with another secret',
    async (region, token) => {
      const request = await sent(() => sends[service]?.(region, token) ?? Promise.reject());
      expect(outcomeOf(request, service)).toBeUndefined();
      expect(outcomeOf(request, service, 'another')).toMatchObject({ refused: 'signatureMismatch' });
      const signature = readSignature(request, { service, now: Date.now() });
      expect(signature).toMatchObject({ form: 'header', sessionToken: token });
    },
  );
});

describe('a presigned URL of the SDK', () => {
  const url = async (service: string, token?: string): Promise<string> => {
    const known = settings('us-east-1', token);
    const { sha256 } = new STSClient(known).config;
    const signer = new SignatureV4({ service, sha256, ...known });
    const { hostname, port } = new URL(endpoint);
    const query = { Action: 'GetCallerIdentity', Version: '2011-06-15', Note: 'a b+c/é', Empty: '' };
    const request = { method: 'GET', protocol: 'http:', hostname, port: Number(port), path: '/a%20b/c', query };
    const headers = { host: `${hostname}:${port}` };
    const presigned = await signer.presign({ ...request, headers }, { expiresIn: 60 });
    const parameters = new URLSearchParams(presigned.query as Record<string, string>);
    return `${endpoint}${presigned.path}?${parameters}`;
  };

  it.each([undefined, sessionToken])('is believed with the session token %s', async (token) => {
    const target = await url('sts', token);
    const request = await sent(() => fetch(target));
    expect(outcomeOf(request, 'sts')).toBeUndefined();
    expect(readSignature(request, { service: 'sts', now: Date.now() })).toMatchObject({
      form: 'presigned',
      sessionToken: token,
    });
    const altered = { ...request, query: request.query.replace('GetCallerIdentity', 'GetSessionToken') };
    expect(outcomeOf(altered, 'sts')).toMatchObject({ refused: 'signatureMismatch' });
  });

  it('is believed for its time, and STS goes by the clock alone', async () => {
    const later = Date.now() + 120_000;
    const [ofSns, ofSts] = [await url('sns'), await url('sts')];
    const request = await sent(() => fetch(ofSns));
    expect(readSignature(request, { service: 'sns', now: later })).toMatchObject({ refused: 'requestExpired' });
    const toSts = await sent(() => fetch(ofSts));
    expect(readSignature(toSts, { service: 'sts', now: later })).toMatchObject({ form: 'presigned' });
  });
});
