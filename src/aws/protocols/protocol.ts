/** What the listener knows of a wire protocol: requests decoded to inputs, outputs and errors encoded to answers. */

import { AwsError, frontEndNamespace, type OperationContract, type ServiceContract, type Shape } from '../contract.ts';
import type { RequestHeaders } from '../received.ts';

/** A request with its body read, before anything of it is believed. */
export interface EdgeRequest {
  readonly method: string;
  /** Without the query string; not decoded. */
  readonly path: string;
  /** Behind the question mark, or the empty string. */
  readonly query: string;
  readonly headers: RequestHeaders;
  readonly body: Buffer;
}

/** The parameters of a Query request by name. */
export type Parameters = ReadonlyMap<string, string>;

/** A status, the one header that protocols differ in, and a body. The listener adds the rest. */
export interface EncodedAnswer {
  readonly status: number;
  readonly contentType: string;
  /** The value of `x-amzn-query-error`. */
  readonly queryError?: string;
  /** A string where there is no reason for bytes: it is sent with the headers in one write. */
  readonly body: string | Buffer;
}

/** One operation in one protocol, compiled once from the contract. */
export interface Codec {
  decode(request: EdgeRequest, parameters: Parameters | undefined): unknown;
  encode(output: unknown, requestId: string): EncodedAnswer;
}

export interface Protocol {
  readonly name: 'json' | 'query';
  codec(contract: ServiceContract, operation: string): Codec;
  /** Without a contract where no service could be told from the request. */
  encodeError(contract: ServiceContract | undefined, error: AwsError, requestId: string): EncodedAnswer;
}

/**
 * A body that is not of its shape. Measured at AWS: the JSON protocols call it SerializationException, with a `Message`
 * where a member is to blame and without one where the body is no JSON at all; the Query protocol calls it MalformedInput.
 */
export function malformedInput(message: string): AwsError {
  return new AwsError('SerializationException', message, {
    queryCode: 'MalformedInput',
    shapeNamespace: frontEndNamespace,
  });
}

/** A request that names no operation. Measured: AWS gives the type and no message. */
export function unknownOperation(httpStatus = 400): AwsError {
  return new AwsError('UnknownOperationException', '', { httpStatus, shapeNamespace: frontEndNamespace });
}

/** An operation or a service that a contract knows and this server does not answer. */
export function notServed(message: string): AwsError {
  return new AwsError('UnsupportedOperation', message, { shapeNamespace: frontEndNamespace });
}

/** Something in us broke. What, is for the log. */
export function internalFailure(): AwsError {
  return new AwsError('InternalFailure', 'We encountered an internal error. Please try again.', {
    httpStatus: 500,
    shapeNamespace: frontEndNamespace,
  });
}

/** A call that was held back, and would begin when everything else ends. */
export function serverStopping(): AwsError {
  return new AwsError('ServiceUnavailable', 'The server is stopping. Nothing was changed.', {
    httpStatus: 503,
    shapeNamespace: frontEndNamespace,
  });
}

/** The operation of a contract, or a bug in whoever asks. */
export function operationOf(contract: ServiceContract, operation: string): OperationContract {
  const found = contract.operations[operation];
  if (found === undefined) throw new Error(`${contract.service} has no operation ${operation}`);
  return found;
}

/** The shape of a contract, or a bug in the generator. */
export function shapeOf(contract: ServiceContract, name: string): Shape {
  const found = contract.shapes[name];
  if (found === undefined) throw new Error(`${contract.service} has no shape ${name}`);
  return found;
}
