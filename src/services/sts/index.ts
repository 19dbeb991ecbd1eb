import type { CallContext, ServedService } from '#aws/contract';
import { sts as contract, type StsOperations } from '#aws/generated/sts';
import { getCallerIdentity } from './operations/getCallerIdentity.ts';

/** Needs nothing of the server. What is absent here is answered UnsupportedOperation by the edge. */
const operations: {
  readonly [Name in keyof StsOperations]?: (
    input: StsOperations[Name]['input'],
    context: CallContext,
  ) => StsOperations[Name]['output'];
} = { GetCallerIdentity: getCallerIdentity };

export function createSts(): ServedService {
  return { contract, operations: operations as ServedService['operations'] };
}
