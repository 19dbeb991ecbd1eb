/**
 * Platform applications and endpoints for the cases about them. AWS takes an application only with credentials that the push
 * service knows; for it set POSTHORN_CONFORMANCE_GCM_CREDENTIAL to the JSON key of a service account.
 */
import { afterAll, describe } from 'vitest';
import { isRemote, uniqueName } from '../target.ts';
import { type Input, ok } from './queryCall.ts';

const given = process.env.POSTHORN_CONFORMANCE_GCM_CREDENTIAL;

export const PlatformCredential = given ?? '{"type":"service_account","project_id":"conformance"}';

export const describePlatforms = describe.runIf(!isRemote || given !== undefined);

const created: string[] = [];

afterAll(async () => {
  if (!isRemote) return;
  for (const PlatformApplicationArn of created) await ok('DeletePlatformApplication', { PlatformApplicationArn });
});

/** The ARN of a new application of Google's. */
export async function application(attributes: Input = {}, Name = uniqueName('app')): Promise<string> {
  const Attributes = { PlatformCredential, ...attributes };
  const output = await ok('CreatePlatformApplication', { Name, Platform: 'GCM', Attributes });
  created.push(output.PlatformApplicationArn ?? '');
  return String(output.PlatformApplicationArn);
}

/** The ARN of a new endpoint. */
export async function endpointOf(PlatformApplicationArn: string, input: Input = {}): Promise<string> {
  const Token = uniqueName('token');
  return String((await ok('CreatePlatformEndpoint', { PlatformApplicationArn, Token, ...input })).EndpointArn);
}

export async function attributesOf(EndpointArn: string): Promise<Record<string, string>> {
  return (await ok('GetEndpointAttributes', { EndpointArn })).Attributes as unknown as Record<string, string>;
}

/** ARNs that are wrong in themselves, with what AWS says of them; `parameter` is where they are given. */
export const malformedApplicationArns: readonly [what: string, arn: string, reason: string][] = [
  ['no ARN', 'nonsense', 'An ARN must have at least 6 elements, not 1'],
  ['an ARN of four elements', 'arn:aws:sns:eu-west-1', 'An ARN must have at least 6 elements, not 4'],
  [
    "a topic's ARN",
    'arn:aws:sns:eu-west-1:111122223333:topic',
    'Wrong number of slashes in relative portion of the ARN.',
  ],
  [
    'one slash too many',
    'arn:aws:sns:eu-west-1:111122223333:app/GCM/name/x',
    'Wrong number of slashes in relative portion of the ARN.',
  ],
];

export const malformedEndpointArns: readonly [what: string, arn: string, reason: string][] = [
  ['no ARN', 'nonsense', 'An ARN must have at least 6 elements, not 1'],
  [
    'no endpoint id',
    'arn:aws:sns:eu-west-1:111122223333:endpoint/GCM/name',
    'Wrong number of slashes in relative portion of the ARN.',
  ],
  [
    'an id that is no UUID',
    'arn:aws:sns:eu-west-1:111122223333:endpoint/GCM/name/1234',
    'ARN specifies an invalid endpointId: UUID must be encoded in exactly 36 characters.',
  ],
];

/** In the caller's account and region, and of nobody. */
export function unknownEndpoint(applicationArn: string): string {
  return `${applicationArn.replace(':app/', ':endpoint/')}/c1f76c42-192a-4e75-b04f-a9268ce2abf3`;
}
