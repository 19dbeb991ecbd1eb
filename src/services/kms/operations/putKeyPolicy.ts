import { keyArn } from '../arn.ts';
import { changeKey } from '../changing.ts';
import { unsupported } from '../errors.ts';
import { checkPolicy } from '../policies.ts';
import type { KmsOperation } from '../service.ts';

export const putKeyPolicy: KmsOperation<'PutKeyPolicy'> = async (kms, input, context) => {
  const { KeyId: reference, PolicyName: name = 'default', Policy: policy } = input;
  await changeKey(kms, { reference, operation: 'PutKeyPolicy' }, context, (key) => {
    if (name !== 'default') throw unsupported('Only default policy is supported');
    checkPolicy(policy, keyArn(key), context, input.BypassPolicyLockoutSafetyCheck === true);
    return { key: { ...key, policy } };
  });
};
