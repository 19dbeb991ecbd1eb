/** The commands against a server that verifies signatures: with keys, with wrong ones, and without. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { GetFederationTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PosthornServer, startPosthorn } from '../../src/server.ts';
import { serverCredentials, writeServerFiles } from '../tls/authority.ts';
import type { FakeIoOptions } from './fakeIo.ts';
import { typed } from './typed.ts';

type Variables = Readonly<Record<string, string>>;

let server: PosthornServer;
let root: Variables;
let clientOptions: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
const opened: IAMClient[] = [];

beforeAll(async () => {
  const queues = [{ name: 'orders' }, { name: 'secret' }, { name: 'elsewhere', region: 'eu-west-1' }];
  server = await startPosthorn({ port: 0, memory: true, auth: 'enforce', queues });
  const { rootKey } = server;
  if (rootKey === undefined) throw new Error('a first start makes the key of the root');
  root = variablesOf(rootKey);
  clientOptions = { endpoint: server.endpoint, region: 'us-east-1', credentials: rootKey };
});
afterAll(async () => {
  for (const client of opened) client.destroy();
  await server.close();
});

function variablesOf(key: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }): Variables {
  return {
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    ...(key.sessionToken !== undefined && { AWS_SESSION_TOKEN: key.sessionToken }),
  };
}

const posthorn = (words: readonly string[], env: Variables = root, options: FakeIoOptions = {}) =>
  typed(words, { env: { POSTHORN_ENDPOINT: server.endpoint, ...env }, ...options });

/** A user with these statements, and its key. */
async function newUser(UserName: string, ...statements: readonly object[]): Promise<Variables> {
  const iam = new IAMClient(clientOptions);
  opened.push(iam);
  await iam.send(new CreateUserCommand({ UserName }));
  if (statements.length > 0) {
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'Mine', PolicyDocument }));
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return variablesOf({ accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' });
}

const allow = (Action: string | string[], Resource = '*', Sid?: string) => ({ Effect: 'Allow', Action, Resource, Sid });

describe('signed commands', () => {
  it('send, look and receive as the root', async () => {
    expect((await posthorn(['send', 'orders', 'Grüße, a=b & c/d'])).exitCode).toBe(0);
    const { printed } = await posthorn(['peek', 'orders', '--contains', 'Grüße, a=b & c/d', '--json']);
    expect(JSON.parse(printed)).toMatchObject([{ body: 'Grüße, a=b & c/d' }]);
    expect((await posthorn(['queues'])).printed).toContain('orders');
    const received = await posthorn(['receive', 'orders', '--delete', '--json']);
    expect(JSON.parse(received.printed)).toMatchObject([{ Body: 'Grüße, a=b & c/d' }]);
  });

  it('are signed for the region that is asked for', async () => {
    const where = { ...root, AWS_DEFAULT_REGION: 'eu-west-1' };
    expect((await posthorn(['queues'], where)).printed).toMatch(/elsewhere/);
    expect((await posthorn(['send', 'elsewhere', 'x'], where)).exitCode).toBe(0);
    expect((await posthorn(['peek', 'elsewhere', '--region', 'eu-west-1'])).printed).toContain('x');
    expect((await posthorn(['queues', '--region', 'us-east-1'], where)).printed).not.toContain('elsewhere');
  });

  it('do what the policies of a user allow, and no more', async () => {
    const user = await newUser('sender', allow(['sqs:GetQueueUrl', 'sqs:SendMessage'], 'arn:aws:sqs:*:*:orders'));
    expect((await posthorn(['send', 'orders', 'x'], user)).exitCode).toBe(0);
    const refused = await posthorn(['receive', 'orders'], user);
    expect(refused.exitCode).toBe(6);
    expect(refused.errors).toContain('user/sender is not authorized to perform: sqs:ReceiveMessage');
    expect(refused.errors).toContain('"posthorn iam explain" tells which statement decides.');
    const looking = await posthorn(['peek', 'orders'], user);
    expect(looking.exitCode).toBe(6);
    expect(looking.errors).toContain('is not authorized to perform: posthorn:Read on resource: *');
  });

  it('take the credentials of a session', async () => {
    const sts = new STSClient(clientOptions);
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: [allow(['sqs:*', 'posthorn:Read'])] });
    const { Credentials } = await sts.send(new GetFederationTokenCommand({ Name: 'visitor', Policy: policy }));
    sts.destroy();
    const session = variablesOf({
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    });
    expect((await posthorn(['send', 'orders', 'x'], session)).exitCode).toBe(0);
    expect((await posthorn(['peek', 'orders'], session)).exitCode).toBe(0);
    const { AWS_SESSION_TOKEN: _, ...half } = session;
    expect((await posthorn(['send', 'orders', 'x'], half)).errors).toContain('AWS_SESSION_TOKEN has to be set, too.');
  });
});

describe('a key that the root is given', () => {
  it('is the one that signs from then on', async () => {
    const key = { accessKeyId: 'ROOTKEYROOTKEYROOT', secretAccessKey: '0123456789abcdef' };
    const given = { rootAccessKeyId: key.accessKeyId, rootSecretAccessKey: key.secretAccessKey };
    const own = await startPosthorn({ ...{ port: 0, memory: true, auth: 'enforce' }, ...given });
    try {
      expect(own.rootKey).toBeUndefined();
      expect((await posthorn(['queues', '--endpoint', own.endpoint], variablesOf(key))).exitCode).toBe(0);
      expect((await posthorn(['queues', '--endpoint', own.endpoint], root)).exitCode).toBe(6);
    } finally {
      await own.close();
    }
  });

  it('can not have the form of a session', async () => {
    const given = { rootAccessKeyId: 'ASIAIOSFODNN7EXAMPLE', rootSecretAccessKey: '0123456789abcdef' };
    await expect(startPosthorn({ ...{ port: 0, memory: true, auth: 'enforce' }, ...given })).rejects.toMatchObject({
      ...{ exitCode: 2, message: expect.stringContaining('has the form of a session') },
    });
  });
});

describe('a command that is not let in', () => {
  it.each([['send', 'orders', 'x'], ['queues'], ['peek', 'orders']])('says what to set: %s', async (...words) => {
    const { exitCode, errors, printed } = await posthorn(words, {});
    expect([exitCode, printed]).toEqual([6, '']);
    expect(errors).toMatch(
      /^This server verifies signatures: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY [^\n]*\n$/,
    );
  });

  it.each([['send', 'orders', 'x'], ['queues']])('knows a key that there is not: %s', async (...words) => {
    const { exitCode, errors } = await posthorn(words, { ...root, AWS_ACCESS_KEY_ID: 'AKIAUNKNOWNUNKNOWN' });
    expect(exitCode).toBe(6);
    expect(errors).toContain('This server has no active key AKIAUNKNOWNUNKNOWN');
  });

  it.each([['send', 'orders', 'x'], ['queues']])('knows a wrong secret: %s', async (...words) => {
    const { exitCode, errors } = await posthorn(words, { ...root, AWS_SECRET_ACCESS_KEY: 'wrong' });
    expect(exitCode).toBe(6);
    expect(errors).toContain(`AWS_SECRET_ACCESS_KEY is not the secret of ${root.AWS_ACCESS_KEY_ID}.`);
  });

  it('wants both halves of a key', async () => {
    const { exitCode, errors } = await posthorn(['queues'], { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE' });
    expect([exitCode, errors]).toEqual([
      2,
      'AWS_ACCESS_KEY_ID needs AWS_SECRET_ACCESS_KEY beside it: set both, or neither.\n',
    ]);
  });
});

describe('a server that speaks TLS', () => {
  let folder: string;
  let secure: PosthornServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'posthorn-signed-'));
    const { cert, key } = await writeServerFiles(folder, serverCredentials());
    secure = await startPosthorn({ port: 0, memory: true, tlsCert: cert, tlsKey: key });
  });
  afterAll(async () => {
    await secure.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is not trusted unless its authority is', async () => {
    const { exitCode, errors } = await posthorn(['queues', '--endpoint', secure.endpoint]);
    expect(exitCode).toBe(5);
    expect(errors).toContain('shows a certificate of an authority that is not trusted here');
    expect(errors).toContain("Name the authority's file in NODE_EXTRA_CA_CERTS.");
  });

  it('is told from one that does not', async () => {
    const plain = secure.endpoint.replace('https:', 'http:');
    expect((await posthorn(['queues', '--endpoint', plain])).errors).toBe(`${plain} speaks TLS only: use https://.\n`);
    const other = server.endpoint.replace('http:', 'https:');
    const { exitCode, errors } = await posthorn(['queues', '--endpoint', other]);
    expect([exitCode, errors]).toEqual([5, expect.stringContaining(`${other} does not speak TLS`)]);
  });
});

describe('posthorn iam explain', () => {
  const arnOf = (queue: string) => `arn:aws:sqs:us-east-1:000000000000:${queue}`;
  const explain = (principal: string, action: string, resource: string, ...more: string[]) =>
    posthorn(['iam', 'explain', '--principal', principal, '--action', action, '--resource', resource, ...more]);

  it('names the statement that allows, and says which kind of policy it is in', async () => {
    await newUser('clerk', allow('sns:Publish'), allow('sqs:Send*', arnOf('orders'), 'SendOrders'));
    const clerk = 'arn:aws:iam::000000000000:user/clerk';
    const { printed, exitCode } = await explain(clerk, 'sqs:SendMessage', arnOf('orders'));
    expect(exitCode).toBe(0);
    expect(printed).toBe(
      [
        `${clerk} may sqs:SendMessage on ${arnOf('orders')}, by the principal's own policies.`,
        '',
        'EFFECT  POLICY       STATEMENT',
        'Allow   inline:Mine  SendOrders',
        '',
      ].join('\n'),
    );
  });

  it('says what is missing', async () => {
    await newUser('tourist', { ...allow('sqs:*'), Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } });
    const tourist = 'arn:aws:iam::000000000000:user/tourist';
    const without = await explain(tourist, 'sqs:SendMessage', arnOf('orders'));
    expect(without.printed).toContain('may not sqs:SendMessage');
    expect(without.printed).toContain('because no identity-based policy allows the sqs:SendMessage action');
    expect(without.printed).toContain('what was not given with --context: aws:SourceIp');
    const within = await explain(tourist, 'sqs:SendMessage', arnOf('orders'), '--context', 'aws:SourceIp=10.1.2.3');
    expect(within.printed).toContain('may sqs:SendMessage');
  });

  it('prints JSON for programs', async () => {
    const { printed } = await explain('arn:aws:iam::000000000000:root', 'iam:CreateUser', '*', '--json');
    expect(JSON.parse(printed)).toMatchObject({ effect: 'allowed', by: 'root', statements: [] });
  });

  it('says what it does not understand', async () => {
    const unknown = await explain('arn:aws:iam::000000000000:user/nobody', 'sqs:SendMessage', arnOf('orders'));
    expect([unknown.exitCode, unknown.errors]).toEqual([
      6,
      'There is no user, role or session arn:aws:iam::000000000000:user/nobody here.\n',
    ]);
    expect((await posthorn(['iam', 'explain', '--action', 'sqs:SendMessage'])).errors).toContain(
      '--principal is missing',
    );
    expect((await posthorn(['iam', 'explain', '--principal', 'x'])).errors).toContain('--action is missing');
    expect((await posthorn(['iam', 'list'])).errors).toContain('posthorn iam has one word, explain');
    expect((await explain('anonymous', 'sqs:*', '*')).errors).toContain('must be a single one');
  });
});
