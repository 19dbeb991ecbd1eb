import { metadataOf } from '../creating.ts';
import { findKey } from '../finding.ts';
import { checkGrantTokens } from '../grants.ts';
import { ensureManagedKey } from '../managedKeys.ts';
import type { KmsOperation } from '../service.ts';

/** By the alias of an AWS managed key that does not exist yet, it makes it. */
export const describeKey: KmsOperation<'DescribeKey'> = async (kms, input, context) => {
  checkGrantTokens(kms, input.GrantTokens);
  await ensureManagedKey(kms, input.KeyId, context);
  return { KeyMetadata: metadataOf(await findKey(kms, input.KeyId, context)) };
};
