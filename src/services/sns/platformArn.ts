import type { CallContext } from '#aws/contract';
import { checkArn } from './arn.ts';
import { invalidParameter } from './errors.ts';

/** `arn:aws:sns:<region>:<account>:app/<platform>/<name>` */
export interface ApplicationPath {
  readonly accountId: string;
  readonly region: string;
  readonly platform: string;
  readonly name: string;
}

/** `arn:aws:sns:<region>:<account>:endpoint/<platform>/<name>/<endpoint id>` */
export interface EndpointPath {
  readonly application: ApplicationPath;
  readonly endpointId: string;
}

export function applicationArn({ accountId, region, platform, name }: ApplicationPath): string {
  return `arn:aws:sns:${region}:${accountId}:app/${platform}/${name}`;
}

export function endpointArn({ application, endpointId }: EndpointPath): string {
  const { accountId, region, platform, name } = application;
  return `arn:aws:sns:${region}:${accountId}:endpoint/${platform}/${name}/${endpointId}`;
}

/** Undefined if it has the form of an application's ARN and can be none of the caller's. */
export function checkApplicationArn(text: string, context: CallContext): ApplicationPath | undefined {
  const parameter = 'PlatformApplicationArn';
  const { service, region, accountId, resource } = checkArn(text, parameter);
  const [kind, platform = '', name = '', ...more] = resource.split('/');
  if (name === '' || more.length > 0) throw wrongSlashes(parameter);
  if (service !== 'sns' || kind !== 'app' || !isCallers({ region, accountId }, context)) return undefined;
  return { accountId, region, platform, name };
}

/** Undefined if it has the form of an endpoint's ARN and can be none of the caller's. */
export function checkEndpointArn(
  text: string,
  context: CallContext,
  parameter = 'EndpointArn',
): EndpointPath | undefined {
  const { region, accountId, resource, service } = checkArn(text, parameter);
  const [kind, platform = '', name = '', endpointId = '', ...more] = resource.split('/');
  if (endpointId === '' || more.length > 0) throw wrongSlashes(parameter);
  if (endpointId.length !== 36) {
    throw invalidParameter(
      `${parameter} Reason: ARN specifies an invalid endpointId: UUID must be encoded in exactly 36 characters.`,
    );
  }
  if (service !== 'sns' || kind !== 'endpoint' || !isCallers({ region, accountId }, context)) return undefined;
  return { application: { accountId, region, platform, name }, endpointId };
}

/** What a subscription names, checked when it was made. */
export function parseEndpointArn(text: string): EndpointPath | undefined {
  const [, , , region = '', accountId = '', resource = ''] = text.split(':');
  const [kind, platform = '', name = '', endpointId = '', ...more] = resource.split('/');
  if (kind !== 'endpoint' || endpointId === '' || more.length > 0) return undefined;
  return { application: { accountId, region, platform, name }, endpointId };
}

function isCallers(owner: { region: string; accountId: string }, context: CallContext): boolean {
  return owner.region === context.region && owner.accountId === context.accountId;
}

/** Recorded at AWS. */
function wrongSlashes(parameter: string): Error {
  return invalidParameter(`${parameter} Reason: Wrong number of slashes in relative portion of the ARN.`);
}
