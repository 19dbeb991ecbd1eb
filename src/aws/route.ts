/**
 * From a request to the operation that it asks for. In this order:
 *
 * 1. `x-amz-target` present, or a content type of AWS JSON: the JSON protocol, by the target alone.
 * 2. An `Action` in the form or the query string: the Query protocol. The service is the one in the credential scope, else
 *    the one with this `Version` and action, else any with this action.
 * 3. A form without an action: MissingAction. Anything else: 404, UnknownOperationException in the form that AWS gives to
 *    requests that no protocol of it recognizes.
 */

import { AwsError, type CallContext, type ServedService, type ServiceContract } from './contract.ts';
import { type Credential, credentialOf } from './credential.ts';
import { awsJson } from './protocols/awsJson/index.ts';
import { awsQuery } from './protocols/awsQuery/index.ts';
import { readParameters } from './protocols/awsQuery/parameters.ts';
import {
  type Codec,
  type EdgeRequest,
  notServed,
  type Parameters,
  type Protocol,
  unknownOperation,
} from './protocols/protocol.ts';

/** One operation of one service in one protocol. */
export class Route {
  readonly protocol: Protocol;
  readonly contract: ServiceContract;
  readonly operation: string;
  /** Undefined if the contract has the operation and the service does not. */
  readonly call: ((input: never, context: CallContext) => unknown) | undefined;
  readonly service: ServedService;
  #codec: Codec | undefined;

  constructor(service: ServedService, operation: string, protocol: Protocol) {
    const { contract, operations } = service;
    this.protocol = protocol;
    this.contract = contract;
    this.operation = operation;
    this.call = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
    this.service = service;
  }

  /** Compiled with the first request: there are some 500 operations, and most servers are asked for ten. */
  get codec(): Codec {
    this.#codec ??= this.protocol.codec(this.contract, this.operation);
    return this.#codec;
  }
}

export interface Routes {
  /** By `x-amz-target`. */
  readonly json: ReadonlyMap<string, Route>;
  /** By the prefix of a target, for answers about targets that name no operation. */
  readonly jsonContracts: ReadonlyMap<string, ServiceContract>;
  readonly query: readonly QueryRoutes[];
}

interface QueryRoutes {
  readonly contract: ServiceContract;
  readonly byAction: ReadonlyMap<string, Route>;
}

/** What was made of a request; `route` is absent where `refusal` is there. */
export interface Routed {
  readonly protocol: Protocol;
  readonly contract: ServiceContract | undefined;
  readonly credential: Credential;
  readonly parameters: Parameters | undefined;
  readonly route: Route | undefined;
  readonly refusal: AwsError | undefined;
}

export function buildRoutes(services: readonly ServedService[]): Routes {
  const json = new Map<string, Route>();
  const jsonContracts = new Map<string, ServiceContract>();
  const query: QueryRoutes[] = [];
  for (const service of services) {
    const { contract } = service;
    if (contract.targetPrefix !== undefined) {
      jsonContracts.set(contract.targetPrefix, contract);
      for (const operation of Object.keys(contract.operations)) {
        json.set(`${contract.targetPrefix}.${operation}`, new Route(service, operation, awsJson));
      }
    }
    if (contract.protocols.includes('query')) {
      const byAction = new Map<string, Route>();
      for (const operation of Object.keys(contract.operations)) {
        byAction.set(operation, new Route(service, operation, awsQuery));
      }
      query.push({ contract, byAction });
    }
  }
  return { json, jsonContracts, query };
}

/** Never throws: what cannot be routed comes back as a refusal in the protocol that the client seems to speak. */
export function route(routes: Routes, request: EdgeRequest, endpoint: string): Routed {
  const target = request.headers['x-amz-target'];
  if (target !== undefined || contentTypeOf(request).startsWith('application/x-amz-json')) {
    return routeJson(routes, request, String(target ?? ''));
  }
  try {
    return routeQuery(routes, request, endpoint);
  } catch (error) {
    // The parameters could not even be read.
    if (!(error instanceof AwsError)) throw error;
    const credential = credentialOf(request);
    const contract = routes.query.find((each) => each.contract.service === credential.service)?.contract;
    return { protocol: awsQuery, contract, credential, parameters: undefined, route: undefined, refusal: error };
  }
}

function routeJson(routes: Routes, request: EdgeRequest, target: string): Routed {
  const credential = credentialOf(request);
  const found = routes.json.get(target);
  const contract = found?.contract ?? routes.jsonContracts.get(target.slice(0, target.indexOf('.')));
  let refusal: AwsError | undefined;
  if (found === undefined) refusal = unknownOperation();
  else if (request.method !== 'POST') refusal = unknownOperation(404);
  else refusal = refusalOf(found);
  return { protocol: awsJson, contract, credential, parameters: undefined, route: found, refusal };
}

function routeQuery(routes: Routes, request: EdgeRequest, endpoint: string): Routed {
  const parameters = new Map<string, string>();
  const isForm = request.method === 'POST' && isFormBody(request);
  if (isForm) readParameters(request.body.toString('latin1'), parameters);
  if (request.query !== '') readParameters(request.query, parameters);
  const credential = credentialOf(request, parameters);
  const action = parameters.get('Action') ?? '';
  const service = chooseService(routes, credential, parameters.get('Version'), action);
  const contract = service?.contract;
  const found = service?.byAction.get(action);
  let refusal: AwsError | undefined;
  if (request.method !== 'POST' && request.method !== 'GET') refusal = unknownOperation(404);
  else if (action === '') refusal = isForm ? missingAction() : unknownOperation(404);
  else if (found === undefined) refusal = invalidAction(action);
  else refusal = refusalOf(found);
  if (refusal === undefined) addPathDefaults(found?.service.pathDefaults?.(request.path, endpoint), parameters);
  return { protocol: awsQuery, contract, credential, parameters, route: found, refusal };
}

/** A body is a form unless it says that it is something else; an empty one is what AWS's own examples send with a query. */
function isFormBody(request: EdgeRequest): boolean {
  const contentType = contentTypeOf(request);
  return contentType === '' || contentType.startsWith('application/x-www-form-urlencoded');
}

function contentTypeOf(request: EdgeRequest): string {
  const contentType = request.headers['content-type'];
  return typeof contentType === 'string' ? contentType.toLowerCase() : '';
}

function chooseService(
  routes: Routes,
  credential: Credential,
  version: string | undefined,
  action: string,
): QueryRoutes | undefined {
  const scoped = routes.query.find(({ contract }) => contract.service === credential.service);
  if (scoped !== undefined) return scoped;
  const having = routes.query.filter(({ byAction }) => byAction.has(action));
  return (
    having.find(({ contract }) => contract.apiVersion === version) ??
    having[0] ??
    routes.query.find(({ contract }) => contract.apiVersion === version)
  );
}

function refusalOf(found: Route): AwsError | undefined {
  if (found.call !== undefined) return undefined;
  const { service } = found.contract;
  if (Object.keys(found.service.operations).length === 0) {
    return notServed(`Posthorn does not serve ${service} yet.`);
  }
  return notServed(`Posthorn does not serve the operation ${found.operation} of ${service} yet.`);
}

/** The weakest source of parameters: what the client wrote itself stays. */
function addPathDefaults(defaults: Readonly<Record<string, string>> | undefined, into: Map<string, string>): void {
  if (defaults === undefined) return;
  for (const [name, value] of Object.entries(defaults)) if (!into.has(name)) into.set(name, value);
}

function missingAction(): AwsError {
  return new AwsError('MissingAction', 'The request must contain the parameter Action.');
}

function invalidAction(action: string): AwsError {
  return new AwsError('InvalidAction', `The action ${action.slice(0, 256)} is not valid for this endpoint.`);
}
