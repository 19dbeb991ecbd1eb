/** Endpoints of platform applications: one app on one device, which a push service knows by a token. */
import { hash } from 'node:crypto';
import type { CallContext } from '#aws/contract';
import type { EntityChange, Partition } from '#runtime';
import { endpointNotFound, invalidParameter } from './errors.ts';
import { type ApplicationRecord, applicationPath, readApplication } from './platformApplications.ts';
import { type ApplicationPath, checkEndpointArn, type EndpointPath } from './platformArn.ts';
import type { AttributeMap } from './records.ts';

/** Kind `sns-platform-endpoint`, path `<path of the application>/<endpoint id>`. */
export interface EndpointRecord {
  readonly endpointId: string;
  /** Of an application that is gone they are none any more, though another may have its name. */
  readonly applicationId: string;
  /** Enabled, Token and, if there is some, CustomUserData. */
  readonly attributes: AttributeMap;
}

export const endpointKind = 'sns-platform-endpoint';
/** Path `<path of the application>/<digest of the token>`, value the endpoint id: one token has one endpoint. */
const tokenKind = 'sns-platform-token';

type Store = { readonly partition: Partition };

export function endpointPath({ application, endpointId }: EndpointPath): string {
  return `${applicationPath(application)}/${endpointId}`;
}

export async function readEndpoint(
  store: Store,
  path: EndpointPath,
): Promise<{ application: ApplicationRecord; endpoint: EndpointRecord } | undefined> {
  const endpoint = await store.partition.entities.get<EndpointRecord>(endpointKind, endpointPath(path));
  const application = endpoint && (await readApplication(store, path.application));
  if (application === undefined || endpoint?.applicationId !== application.applicationId) return undefined;
  return { application, endpoint };
}

/** The endpoint that the ARN names. */
export async function findEndpoint(store: Store, arn: string, context: CallContext) {
  const path = checkEndpointArn(arn, context);
  const found = path && (await readEndpoint(store, path));
  if (path === undefined || found === undefined) throw endpointNotFound();
  return { path, ...found };
}

export async function findEndpointOfToken(
  store: Store,
  application: ApplicationRecord,
  token: string,
): Promise<EndpointRecord | undefined> {
  const { entities } = store.partition;
  const endpointId = await entities.get<string>(tokenKind, tokenPath(application, token));
  const found = endpointId === undefined ? undefined : await readEndpoint(store, { application, endpointId });
  return found?.endpoint;
}

export function writeEndpoint(application: ApplicationPath, endpoint: EndpointRecord, before?: EndpointRecord) {
  const path = endpointPath({ application, endpointId: endpoint.endpointId });
  const oldToken = before?.attributes.Token;
  const token = endpoint.attributes.Token ?? '';
  return [
    ...(oldToken === undefined || oldToken === token
      ? []
      : [{ kind: tokenKind, path: tokenPath(application, oldToken) }]),
    { kind: tokenKind, path: tokenPath(application, token), value: endpoint.endpointId },
    { kind: endpointKind, path, value: endpoint },
  ] satisfies EntityChange[];
}

export function removeEndpoint(application: ApplicationPath, { endpointId, attributes }: EndpointRecord) {
  return [
    { kind: tokenKind, path: tokenPath(application, attributes.Token ?? '') },
    { kind: endpointKind, path: endpointPath({ application, endpointId }) },
  ] satisfies EntityChange[];
}

/** For what reads an endpoint, decides and writes; see `Turns`. */
export function turnOf(application: ApplicationPath): string {
  return `endpoints of ${applicationPath(application)}`;
}

export const customUserDataBytes = 2_048;

const settable: readonly string[] = ['CustomUserData', 'Enabled', 'Token'];

/** Recorded at AWS, but for the text about `Enabled`. */
export function checkEndpointAttributes(attributes: AttributeMap): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (!settable.includes(name)) throw invalidParameter(`Attributes Reason: Invalid attribute name: ${name}`);
    const reason = reasonAgainst(name, value);
    if (reason !== undefined) {
      throw invalidParameter(`Attributes Reason: Invalid value for attribute: ${name}: ${reason}`);
    }
  }
}

function reasonAgainst(name: string, value: string): string | undefined {
  if (name === 'CustomUserData' && Buffer.byteLength(value) > customUserDataBytes) {
    return `must be at most ${customUserDataBytes} bytes long in UTF-8 encoding`;
  }
  if (name === 'Token' && value === '') return 'cannot be empty';
  if (name === 'Enabled' && !/^(true|false)$/i.test(value)) return 'must be true or false';
  return undefined;
}

/** As they are stored; `Enabled` is written small. */
export function normalAttributes(attributes: AttributeMap): AttributeMap {
  const { Enabled, ...others } = attributes;
  return { ...others, ...(Enabled !== undefined && { Enabled: Enabled.toLowerCase() }) };
}

function tokenPath(application: ApplicationPath, token: string): string {
  return `${applicationPath(application)}/${hash('sha256', token, 'hex')}`;
}
