import { makeKey, metadataOf } from '../creating.ts';
import { unsupported, validation } from '../errors.ts';
import { algorithmsOf, isKeySpec, type KeySpecName, type KeyUsage } from '../keySpecs.ts';
import { checkPolicy, defaultPolicy } from '../policies.ts';
import type { KmsOperation } from '../service.ts';
import { addTags, readTags } from '../tags.ts';

export const createKey: KmsOperation<'CreateKey'> = async (kms, input, context) => {
  const { keySpec, keyUsage } = readKind(input);
  const tags = addTags({}, readTags(input.Tags));
  const { Policy: policy, Description: description = '', BypassPolicyLockoutSafetyCheck: mayLockOut = false } = input;
  const { key, changes } = await makeKey(kms, {
    ...{ accountId: context.accountId, region: context.region, description, tags, keySpec, keyUsage },
    policyFor: (arn) => {
      if (policy === undefined) return defaultPolicy(context.accountId);
      checkPolicy(policy, arn, context, mayLockOut);
      return policy;
    },
  });
  await kms.partition.entities.write(...changes);
  return { KeyMetadata: metadataOf(key) };
};

interface WantedKind {
  readonly KeySpec?: string | undefined;
  readonly CustomerMasterKeySpec?: string | undefined;
  readonly KeyUsage?: string | undefined;
  readonly Origin?: string | undefined;
  readonly MultiRegion?: boolean | undefined;
  readonly CustomKeyStoreId?: string | undefined;
  readonly XksKeyId?: string | undefined;
}

function readKind(input: WantedKind): { keySpec: KeySpecName; keyUsage: KeyUsage } {
  const { KeySpec, CustomerMasterKeySpec, Origin = 'AWS_KMS', MultiRegion = false } = input;
  if (KeySpec !== undefined && CustomerMasterKeySpec !== undefined) {
    throw validation(
      'You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.',
    );
  }
  // What AWS has and this server has not is not taken for something else.
  if (Origin !== 'AWS_KMS') throw unsupported(`The origin ${Origin} is not supported.`);
  if (MultiRegion) throw unsupported('Multi-Region keys are not supported.');
  if (input.CustomKeyStoreId !== undefined || input.XksKeyId !== undefined) {
    throw unsupported('Custom key stores are not supported.');
  }
  const keySpec = KeySpec ?? CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT';
  if (!isKeySpec(keySpec)) throw unsupported(`The key spec ${keySpec} is not supported.`);
  return { keySpec, keyUsage: readUsage(input.KeyUsage, keySpec) };
}

function readUsage(given: string | undefined, keySpec: KeySpecName): KeyUsage {
  if (given === undefined && keySpec !== 'SYMMETRIC_DEFAULT') {
    throw validation('You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.');
  }
  const keyUsage = given ?? 'ENCRYPT_DECRYPT';
  if (keyUsage === 'KEY_AGREEMENT' && keySpec.startsWith('ECC_')) throw unsupported('Key agreement is not supported.');
  if (isUsage(keyUsage) && algorithmsOf(keySpec, keyUsage).length > 0) return keyUsage;
  throw validation(`KeyUsage ${keyUsage} is not compatible with KeySpec ${keySpec}`);
}

function isUsage(text: string): text is KeyUsage {
  return text === 'ENCRYPT_DECRYPT' || text === 'SIGN_VERIFY' || text === 'GENERATE_VERIFY_MAC';
}
