import { cancelKeyDeletion } from './operations/cancelKeyDeletion.ts';
import { createAlias } from './operations/createAlias.ts';
import { createGrant } from './operations/createGrant.ts';
import { createKey } from './operations/createKey.ts';
import { decrypt } from './operations/decrypt.ts';
import { deleteAlias } from './operations/deleteAlias.ts';
import { describeKey } from './operations/describeKey.ts';
import { disableKey } from './operations/disableKey.ts';
import { disableKeyRotation } from './operations/disableKeyRotation.ts';
import { enableKey } from './operations/enableKey.ts';
import { enableKeyRotation } from './operations/enableKeyRotation.ts';
import { encrypt } from './operations/encrypt.ts';
import { generateDataKey } from './operations/generateDataKey.ts';
import { generateDataKeyPair } from './operations/generateDataKeyPair.ts';
import { generateDataKeyPairWithoutPlaintext } from './operations/generateDataKeyPairWithoutPlaintext.ts';
import { generateDataKeyWithoutPlaintext } from './operations/generateDataKeyWithoutPlaintext.ts';
import { generateMac } from './operations/generateMac.ts';
import { generateRandom } from './operations/generateRandom.ts';
import { getKeyPolicy } from './operations/getKeyPolicy.ts';
import { getKeyRotationStatus } from './operations/getKeyRotationStatus.ts';
import { getPublicKey } from './operations/getPublicKey.ts';
import { listAliases } from './operations/listAliases.ts';
import { listGrants } from './operations/listGrants.ts';
import { listKeyPolicies } from './operations/listKeyPolicies.ts';
import { listKeyRotations } from './operations/listKeyRotations.ts';
import { listKeys } from './operations/listKeys.ts';
import { listResourceTags } from './operations/listResourceTags.ts';
import { listRetirableGrants } from './operations/listRetirableGrants.ts';
import { putKeyPolicy } from './operations/putKeyPolicy.ts';
import { reEncrypt } from './operations/reEncrypt.ts';
import { retireGrant } from './operations/retireGrant.ts';
import { revokeGrant } from './operations/revokeGrant.ts';
import { rotateKeyOnDemand } from './operations/rotateKeyOnDemand.ts';
import { scheduleKeyDeletion } from './operations/scheduleKeyDeletion.ts';
import { sign } from './operations/sign.ts';
import { tagResource } from './operations/tagResource.ts';
import { untagResource } from './operations/untagResource.ts';
import { updateAlias } from './operations/updateAlias.ts';
import { updateKeyDescription } from './operations/updateKeyDescription.ts';
import { verify } from './operations/verify.ts';
import { verifyMac } from './operations/verifyMac.ts';
import type { ServedName } from './served.ts';
import type { KmsOperation } from './service.ts';

export const operations: { readonly [Name in ServedName]: KmsOperation<Name> } = {
  CancelKeyDeletion: cancelKeyDeletion,
  CreateAlias: createAlias,
  CreateGrant: createGrant,
  CreateKey: createKey,
  Decrypt: decrypt,
  DeleteAlias: deleteAlias,
  DescribeKey: describeKey,
  DisableKey: disableKey,
  DisableKeyRotation: disableKeyRotation,
  EnableKey: enableKey,
  EnableKeyRotation: enableKeyRotation,
  Encrypt: encrypt,
  GenerateDataKey: generateDataKey,
  GenerateDataKeyPair: generateDataKeyPair,
  GenerateDataKeyPairWithoutPlaintext: generateDataKeyPairWithoutPlaintext,
  GenerateDataKeyWithoutPlaintext: generateDataKeyWithoutPlaintext,
  GenerateMac: generateMac,
  GenerateRandom: generateRandom,
  GetKeyPolicy: getKeyPolicy,
  GetKeyRotationStatus: getKeyRotationStatus,
  GetPublicKey: getPublicKey,
  ListAliases: listAliases,
  ListGrants: listGrants,
  ListKeyPolicies: listKeyPolicies,
  ListKeyRotations: listKeyRotations,
  ListKeys: listKeys,
  ListResourceTags: listResourceTags,
  ListRetirableGrants: listRetirableGrants,
  PutKeyPolicy: putKeyPolicy,
  ReEncrypt: reEncrypt,
  RetireGrant: retireGrant,
  RevokeGrant: revokeGrant,
  RotateKeyOnDemand: rotateKeyOnDemand,
  ScheduleKeyDeletion: scheduleKeyDeletion,
  Sign: sign,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateAlias: updateAlias,
  UpdateKeyDescription: updateKeyDescription,
  Verify: verify,
  VerifyMac: verifyMac,
};
