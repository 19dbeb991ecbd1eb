/** What a server that has started says: where it is, where its data is, and three lines to try it with. */
import { resolve } from 'node:path';
import type { Settings } from './settings.ts';

export function greeting(settings: Settings, endpoint: string, platform: string): string {
  const data = settings.memory ? 'in memory: stopping loses everything' : resolve(settings.dataDir);
  const lines = platform === 'win32' ? powershellLines : shellLines;
  const queueUrl = `${settings.publicUrl ?? endpoint}/${settings.accountId}/hello`;
  return [
    `Posthorn is listening on ${endpoint}`,
    `Data: ${data}`,
    '',
    'Paste these lines into another terminal to try it with the AWS CLI:',
    '',
    ...lines(endpoint, queueUrl, settings.region),
    '',
  ].join('\n');
}

/**
 * Three lines for a shell without any AWS configuration. The endpoint is a flag and not AWS_ENDPOINT_URL, and the region
 * AWS_DEFAULT_REGION, because the versions of the AWS CLI that distributions still ship know no other way.
 */
function shellLines(endpoint: string, queueUrl: string, region: string): string[] {
  const aws = `aws --endpoint-url ${endpoint} sqs`;
  return [
    `export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=${region}`,
    `${aws} create-queue --queue-name hello && ${aws} send-message --queue-url ${queueUrl} --message-body 'Hello, world'`,
    `${aws} receive-message --queue-url ${queueUrl}`,
  ];
}

/** Windows PowerShell knows no `&&`. */
function powershellLines(endpoint: string, queueUrl: string, region: string): string[] {
  const aws = `aws --endpoint-url ${endpoint} sqs`;
  return [
    `$env:AWS_ACCESS_KEY_ID='test'; $env:AWS_SECRET_ACCESS_KEY='test'; $env:AWS_DEFAULT_REGION='${region}'`,
    `${aws} create-queue --queue-name hello; ${aws} send-message --queue-url ${queueUrl} --message-body 'Hello, world'`,
    `${aws} receive-message --queue-url ${queueUrl}`,
  ];
}
