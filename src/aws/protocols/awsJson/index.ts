/** AWS JSON 1.0 and 1.1: `x-amz-target` names the operation, the body is the input, answers are JSON. */

import { GivenPlain } from '#std/plainTexts';
import { type AwsError, frontEndNamespace, type ServiceContract } from '../../contract.ts';
import { compileValidator } from '../../validate.ts';
import type { Codec, EncodedAnswer, Protocol } from '../protocol.ts';
import { operationOf } from '../protocol.ts';
import { compileDecoder, type Decoder, decodeRoot } from './decode.ts';
import { compileEncoder, type Encoders } from './encode.ts';
import { parseBody } from './parse.ts';

interface Compiled {
  readonly decoders: Map<string, Decoder>;
  readonly encoders: Encoders;
}

const compiledContracts = new WeakMap<ServiceContract, Compiled>();

function compiledOf(contract: ServiceContract): Compiled {
  let compiled = compiledContracts.get(contract);
  if (compiled === undefined) {
    compiled = { decoders: new Map(), encoders: new Map() };
    compiledContracts.set(contract, compiled);
  }
  return compiled;
}

export const awsJson: Protocol = {
  name: 'json',

  codec(contract: ServiceContract, operationName: string): Codec {
    const { input, output } = operationOf(contract, operationName);
    const { decoders, encoders } = compiledOf(contract);
    const decoder: Decoder = input === undefined ? () => ({}) : compileDecoder(contract, input, decoders);
    const validate = input === undefined ? undefined : compileValidator(contract, input);
    const encode = output === undefined ? () => '{}' : compileEncoder(contract, output, encoders);
    const contentType = contentTypeOf(contract);
    return {
      decode(request) {
        const { value, isPlain } = parseBody(request.body);
        const decoded = decodeRoot(decoder, value, isPlain ? new GivenPlain() : {});
        validate?.(decoded);
        return decoded;
      },
      encode(value) {
        return { status: 200, contentType, body: value === undefined ? '{}' : encode(value) };
      },
    };
  },

  encodeError(contract: ServiceContract | undefined, error: AwsError): EncodedAnswer {
    const body: Record<string, string> = { __type: typeOf(contract, error) };
    if (error.message !== '') body[messageKey(contract, error)] = error.message;
    return {
      status: error.httpStatus,
      contentType: contentTypeOf(contract),
      body: JSON.stringify(body),
      ...(contract?.queryCompatible && {
        queryError: `${error.queryCode};${error.senderFault ? 'Sender' : 'Receiver'}`,
      }),
    };
  },
};

function contentTypeOf(contract: ServiceContract | undefined): string {
  return `application/x-amz-json-${contract?.jsonVersion ?? '1.0'}`;
}

/** Version 1.0 names the namespace; 1.1 is bare, as Kinesis, Firehose and KMS answer. */
function typeOf(contract: ServiceContract | undefined, error: AwsError): string {
  if (contract?.jsonVersion === '1.1') return error.code;
  const modeled = contract?.shapes[error.code] !== undefined;
  const namespace = error.shapeNamespace ?? (modeled ? contract.shapeNamespace : frontEndNamespace);
  return `${namespace}#${error.code}`;
}

/** Modeled errors call it what the model calls it; AWS's front end writes a capital. */
function messageKey(contract: ServiceContract | undefined, error: AwsError): string {
  const shape = contract?.shapes[error.code];
  if (shape?.type === 'structure') return 'Message' in shape.members ? 'Message' : 'message';
  return (error.shapeNamespace ?? frontEndNamespace) === frontEndNamespace ? 'Message' : 'message';
}
