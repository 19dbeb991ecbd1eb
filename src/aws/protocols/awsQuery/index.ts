/** AWS Query: `Action` names the operation, parameters hold the input, answers are XML. */

import type { AwsError, ServiceContract } from '../../contract.ts';
import { compileValidator } from '../../validate.ts';
import { type Codec, type EncodedAnswer, operationOf, type Protocol } from '../protocol.ts';
import { compileDecoder, type Decoder, type KnownDecoders } from './decode.ts';
import { compileContent, escaped } from './encode.ts';
import { parameterTree } from './parameters.ts';

const xmlContentType = 'text/xml';
const prolog = '<?xml version="1.0"?>';

interface Compiled {
  readonly decoders: KnownDecoders;
  readonly contents: Map<string, (value: unknown) => string>;
}

const compiledContracts = new WeakMap<ServiceContract, Compiled>();

function compiledOf(contract: ServiceContract): Compiled {
  let compiled = compiledContracts.get(contract);
  if (compiled === undefined) {
    compiled = { decoders: new Map(), contents: new Map() };
    compiledContracts.set(contract, compiled);
  }
  return compiled;
}

export const awsQuery: Protocol = {
  name: 'query',

  codec(contract: ServiceContract, operationName: string): Codec {
    const { input, output, resultWrapper } = operationOf(contract, operationName);
    const { decoders, contents } = compiledOf(contract);
    const decoder: Decoder = input === undefined ? () => ({}) : compileDecoder(contract, { shape: input }, decoders);
    const validate = input === undefined ? undefined : compileValidator(contract, input);
    const content = output === undefined ? undefined : compileContent(contract, output, contents);
    const wrapper = resultWrapper ?? `${operationName}Result`;
    const head = `${prolog}<${operationName}Response xmlns="${contract.xmlNamespace}">`;
    const tail = `</RequestId></ResponseMetadata></${operationName}Response>`;
    return {
      decode(_request, parameters) {
        const decoded = decoder(parameterTree(parameters ?? new Map()), '');
        validate?.(decoded);
        return decoded;
      },
      encode(value, requestId) {
        const inner = content === undefined ? '' : resultOf(wrapper, value === undefined ? '' : content(value));
        const body = `${head}${inner}<ResponseMetadata><RequestId>${requestId}${tail}`;
        return { status: 200, contentType: xmlContentType, body };
      },
    };
  },

  encodeError(contract: ServiceContract | undefined, error: AwsError, requestId: string): EncodedAnswer {
    // What AWS gives to a request that none of its protocols recognizes; old SDKs look for this very element.
    if (error.code === 'UnknownOperationException') {
      return { status: error.httpStatus, contentType: xmlContentType, body: '<UnknownOperationException/>\n' };
    }
    const namespace = contract === undefined ? '' : ` xmlns="${contract.xmlNamespace}"`;
    const message = error.queryMessage === '' ? '' : `<Message>${escaped(error.queryMessage)}</Message>`;
    const body =
      `${prolog}<ErrorResponse${namespace}><Error><Type>${error.senderFault ? 'Sender' : 'Receiver'}</Type>` +
      `<Code>${escaped(error.queryCode)}</Code>${message}${contract?.queryErrorDetail ? '<Detail/>' : ''}</Error>` +
      `<RequestId>${requestId}</RequestId></ErrorResponse>`;
    return { status: error.httpStatus, contentType: xmlContentType, body };
  },
};

function resultOf(wrapper: string, content: string): string {
  return content === '' ? `<${wrapper}/>` : `<${wrapper}>${content}</${wrapper}>`;
}
