/** What the exchange does with a request, without the exchange: the head, the route, the decoder, and an encoder. */
import { edgeLimits } from '#aws';
import { AwsError, type ServedService, type ServiceContract } from '#aws/contract';
import { iam } from '#aws/generated/iam';
import { kms } from '#aws/generated/kms';
import { sns } from '#aws/generated/sns';
import { sqs } from '#aws/generated/sqs';
import { sts } from '#aws/generated/sts';
import type { EdgeRequest, EncodedAnswer } from '../../src/aws/protocols/protocol.ts';
import { refusalOfHead } from '../../src/aws/requestHead.ts';
import { buildRoutes, route } from '../../src/aws/route.ts';

export const contracts: readonly ServiceContract[] = [sqs, sns, sts, iam, kms];
const served = (contract: ServiceContract): ServedService => ({
  contract,
  operations: Object.fromEntries(Object.keys(contract.operations).map((name) => [name, () => undefined])),
  ...(contract === sqs && { pathDefaults: (path: string) => ({ QueueUrl: path }) }),
});
const routes = buildRoutes(contracts.map(served));
const requestId = '00000000-0000-4000-8000-000000000000';

export type MakeOutput = (contract: ServiceContract, shape: string) => unknown;

export interface Answered extends EncodedAnswer {
  readonly kind: 'refused' | 'decoded';
  readonly code: string;
}

/** `makeOutput` stands for the operation. Throws what nobody expected. */
export function answer(request: EdgeRequest, makeOutput: MakeOutput): Answered {
  const { headers, path, query } = request;
  const rawHeaders = Object.entries(headers).flatMap(([name, value]) => [name, String(value)]);
  const url = query === '' ? path : `${path}?${query}`;
  const head = refusalOfHead({ url, httpVersion: '1.1', headers: headers as never, rawHeaders }, edgeLimits);
  const { protocol, contract, route: found, parameters, refusal } = route(routes, request, 'http://h');
  try {
    if (head !== undefined) throw head;
    if (refusal !== undefined) throw refusal;
    if (found === undefined) throw new Error('neither a route nor a refusal');
    found.codec.decode(request, parameters);
    const { output } = found.contract.operations[found.operation] ?? {};
    const value = output === undefined ? undefined : makeOutput(found.contract, output);
    return { ...found.codec.encode(value, requestId), kind: 'decoded', code: '' };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { ...protocol.encodeError(contract, error, requestId), kind: 'refused', code: error.code };
  }
}
