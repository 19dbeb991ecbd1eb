/** Clients that show a certificate in the place of a signature. */
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateUserCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import type { Credentials } from '../../src/cli/certificates.ts';
import { required } from '../../src/std/assert.ts';
import {
  authority,
  replaceFile,
  rightClient,
  serverCredentials,
  strangeClient,
  writeServerFiles,
} from '../tls/authority.ts';
import { account, allow, type Enforced, policy, queueArn, startEnforced } from './server.ts';

const ca = authority.certificate;

/** The status and the text of a GET without a signature. */
function ask(
  enforced: Enforced,
  path: string,
  client?: Credentials,
): Promise<[status: number | undefined, text: string]> {
  const shown = client === undefined ? {} : { cert: client.certificate, key: client.privateKey };
  return new Promise((resolve, reject) => {
    get(`${enforced.server.endpoint}${path}`, { ca, ...shown, agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response) text += String(chunk);
      resolve([response.statusCode, text]);
    }).on('error', reject);
  });
}

test('a certificate stands for the user that it is given, and for nobody if for none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'posthorn-certificates-'));
  const { cert, key } = await writeServerFiles(folder, serverCredentials());
  const tlsClientCa = await replaceFile(folder, 'clients.pem', ca);
  const enforced = await startEnforced({
    ...{ tlsCert: cert, tlsKey: key, tlsClientCa, tlsClientCertificates: 'optional' },
    tlsClientPrincipals: { orders: `arn:aws:iam::${account}:user/orders` },
  });
  const httpsAgent = new Agent({ ca });
  const { sqs, iam } = enforced.clients(enforced.root, { requestHandler: { httpsAgent } });
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
  expect(new URL(required(QueueUrl, 'a URL')).protocol).toBe('https:');
  await iam.send(new CreateUserCommand({ UserName: 'orders' }));
  const secure = { Condition: { Bool: { 'aws:SecureTransport': 'true' } } };
  const PolicyDocument = policy(allow('sqs:SendMessage', queueArn('orders'), secure));
  await iam.send(new PutUserPolicyCommand({ UserName: 'orders', PolicyName: 'own', PolicyDocument }));
  const send = `/${account}/orders?Action=SendMessage&MessageBody=hello`;
  expect(await ask(enforced, send, rightClient)).toMatchObject([200, expect.stringContaining('<MessageId>')]);
  const [status, text] = await ask(enforced, `/${account}/orders?Action=PurgeQueue`, rightClient);
  expect([status, text]).toMatchObject([403, expect.stringContaining('user/orders is not authorized')]);
  for (const client of [strangeClient, undefined]) {
    expect(await ask(enforced, send, client)).toMatchObject([
      403,
      expect.stringContaining('MissingAuthenticationToken'),
    ]);
  }
  httpsAgent.destroy();
  await enforced.server.close();
  await rm(folder, { recursive: true });
});
