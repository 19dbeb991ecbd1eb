/** What a server that has started says: where it is, where its data is, and three lines to try it with. */
import { resolve } from 'node:path';
import type { Settings } from './settings.ts';

/** The access key of an account's root. */
export interface RootKey {
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface GreetedServer {
  readonly endpoint: string;
  readonly rootKey?: RootKey;
  readonly otherRootKeys?: readonly RootKey[];
}

export function greeting(settings: Settings, server: GreetedServer, platform: string): string {
  const { endpoint, rootKey, otherRootKeys = [] } = server;
  const data = settings.memory ? 'in memory: stopping loses everything' : resolve(settings.dataDir);
  const shell = platform === 'win32' ? powershell : posix;
  const here = reachable(endpoint);
  const isVerified = settings.auth === 'enforce';
  const anyKey = { accessKeyId: 'test', secretAccessKey: 'test' };
  return [
    `Posthorn is listening on ${endpoint}`,
    `Data: ${data}`,
    ...(isVerified ? ['', ...aboutKeys([...(rootKey === undefined ? [] : [rootKey]), ...otherRootKeys])] : []),
    '',
    'Paste these lines into another terminal to try it with the AWS CLI:',
    '',
    shell.variables(variablesOf(isVerified ? rootKey : anyKey, settings.region)),
    ...shell.calls(here, `${settings.publicUrl ?? here}/${settings.accountId}/hello`),
    '',
  ].join('\n');
}

/** All addresses are none that a certificate is for, and on some systems none to connect to. */
function reachable(endpoint: string): string {
  return endpoint.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

function aboutKeys(keys: readonly RootKey[]): string[] {
  if (keys.length === 0) return ['Signatures are verified: use the access keys that exist.'];
  const shown = keys.flatMap(({ accountId, accessKeyId, secretAccessKey }) => [
    `Root of account ${accountId}`,
    `  Access key id:     ${accessKeyId}`,
    `  Secret access key: ${secretAccessKey}`,
  ]);
  return [
    `Signatures are verified. ${keys.length === 1 ? 'This key is shown once, keep it' : 'These keys are shown once, keep them'}:`,
    ...shown,
  ];
}

type Key = Pick<RootKey, 'accessKeyId' | 'secretAccessKey'>;
type Variables = readonly (readonly [name: string, value: string])[];

/** The region as AWS_DEFAULT_REGION: the versions of the AWS CLI that distributions still ship know no other. */
function variablesOf(key: Key | undefined, region: string): Variables {
  const keyVariables =
    key === undefined
      ? []
      : ([
          ['AWS_ACCESS_KEY_ID', key.accessKeyId],
          ['AWS_SECRET_ACCESS_KEY', key.secretAccessKey],
        ] as const);
  return [...keyVariables, ['AWS_DEFAULT_REGION', region]];
}

interface Shell {
  variables(variables: Variables): string;
  calls(endpoint: string, queueUrl: string): string[];
}

/** For a shell without any AWS configuration. The endpoint is a flag, as old versions know no AWS_ENDPOINT_URL. */
const posix: Shell = {
  variables: (variables) => `export ${variables.map((pair) => pair.join('=')).join(' ')}`,
  calls: (endpoint, queueUrl) => calls(endpoint, queueUrl, '&&'),
};

/** Windows PowerShell knows no `&&`. */
const powershell: Shell = {
  variables: (variables) => variables.map(([name, value]) => `$env:${name}='${value}'`).join('; '),
  calls: (endpoint, queueUrl) => calls(endpoint, queueUrl, ';'),
};

function calls(endpoint: string, queueUrl: string, then: '&&' | ';'): string[] {
  const aws = `aws --endpoint-url ${endpoint} sqs`;
  const create = `${aws} create-queue --queue-name hello`;
  const gap = then === ';' ? '' : ' ';
  return [
    `${create}${gap}${then} ${aws} send-message --queue-url ${queueUrl} --message-body 'Hello, world'`,
    `${aws} receive-message --queue-url ${queueUrl}`,
  ];
}
