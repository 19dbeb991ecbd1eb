/** A server that enforces signatures, and clients of it. */
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import { type PosthornOptions, type PosthornServer, startPosthorn } from '../../src/server.ts';
import { required } from '../../src/std/assert.ts';

export const region = 'us-east-1';
export const account = '000000000000';
export const queueArn = (name: string) => `arn:aws:sqs:${region}:${account}:${name}`;

export interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface Enforced {
  readonly server: PosthornServer;
  readonly root: Key;
  clients(key: Key, more?: object): Clients;
  /** A new user who may do what the statements allow. */
  user(name: string, ...statements: readonly object[]): Promise<Key>;
}

export interface Clients {
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly iam: IAMClient;
  readonly sts: STSClient;
  readonly kms: KMSClient;
}

export async function startEnforced(options: PosthornOptions = {}): Promise<Enforced> {
  const server = await startPosthorn({ port: 0, memory: true, auth: 'enforce', ...options });
  const root = required(server.rootKey, 'the first start makes a key');
  const clients = (credentials: Key, more: object = {}): Clients => {
    const settings = { endpoint: server.endpoint, region, credentials, maxAttempts: 1, ...more };
    return {
      sqs: new SQSClient(settings),
      sns: new SNSClient(settings),
      iam: new IAMClient(settings),
      sts: new STSClient(settings),
      kms: new KMSClient(settings),
    };
  };
  const { iam } = clients(root);
  const user = async (UserName: string, ...statements: readonly object[]): Promise<Key> => {
    await iam.send(new CreateUserCommand({ UserName }));
    if (statements.length > 0) {
      const PolicyDocument = policy(...statements);
      await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument }));
    }
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const { AccessKeyId = '', SecretAccessKey = '' } = required(AccessKey, 'an access key');
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey };
  };
  return { server, root, clients, user };
}

export function policy(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

export const allow = (Action: string | readonly string[], Resource: string = '*', more: object = {}) => ({
  ...{ Effect: 'Allow', Action, Resource },
  ...more,
});

/** The name of the refusal, or `done`. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'done';
  } catch (error) {
    return (error as Error).name;
  }
}
