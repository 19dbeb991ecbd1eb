import { AwsError, type CallContext, type ServedService } from '#aws/contract';
import { kms as contract, type KmsOperations } from '#aws/generated/kms';
import {
  type Clock,
  CommitFailed,
  type KeyRing,
  type KeyUse,
  type Partition,
  systemClock,
  Turns,
  type Vault,
} from '#runtime';
import { type AccessCaller, accessOf, type KeyAccess } from './access.ts';
import { Agenda } from './agenda.ts';
import { deleteIfDue } from './deletion.ts';
import { createKeyRing } from './keyRing.ts';
import { Keys } from './keys.ts';
import { tellingUses } from './keyUses.ts';
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
import { rotateIfDue } from './rotation.ts';
import type { Kms, KmsOperation } from './service.ts';

export { type AccessCaller, decideAccess, type KeyAccess } from './access.ts';

/** What is absent here is answered UnsupportedOperation by the edge: custom key stores, imported material, replicas. */
const operations: { readonly [Name in keyof KmsOperations]?: KmsOperation<Name> } = {
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

export interface KmsOptions {
  /** By which keys are deleted and rotated: the partition's own, if that is not the system's. */
  readonly clock?: Clock;
  /** What went wrong where nobody waits for it. */
  readonly report?: (error: Error) => void;
  /** Told of each use of a key by another service. */
  readonly keyUsed?: (use: KeyUse) => void;
}

/** KMS with what it does by itself: deletions and rotations. */
export interface RunningKms {
  readonly service: ServedService;
  /** For the other services. */
  readonly keys: KeyRing;
  /** What a call needs to be allowed; see `decideAccess`. */
  accessOf(operation: string, input: unknown, caller: AccessCaller): Promise<readonly KeyAccess[]>;
  /** Resolves when nothing that is due is under way. */
  settled(): Promise<void>;
  /** Before the partition is closed. */
  close(): Promise<void>;
}

export function createKms(partition: Partition, vault: Vault, options: KmsOptions = {}): RunningKms {
  const { clock = systemClock, report = () => undefined, keyUsed } = options;
  const agenda = new Agenda(partition, {
    clock,
    report,
    act: ({ work, key }) => (work === 'delete' ? deleteIfDue(kms, key) : rotateIfDue(kms, key)),
  });
  const kms: Kms = { partition, vault, keys: new Keys(partition, vault), turns: new Turns(), agenda };
  // What came due while no server ran.
  agenda.lookAgain();
  return {
    service: { contract, operations: bind(kms) },
    keys: keyUsed === undefined ? createKeyRing(kms) : tellingUses(createKeyRing(kms), keyUsed),
    accessOf: (operation, input, caller) => accessOf(kms, operation, input, caller),
    settled: () => agenda.settled(),
    close: () => agenda.close(),
  };
}

/** Each operation takes its own input, which the codecs made by the contract. */
function bind(kms: Kms): ServedService['operations'] {
  const bound = Object.entries(operations).map(([name, operation]) => {
    const call = operation as (kms: Kms, input: never, context: CallContext) => Promise<unknown>;
    return [name, (input: never, context: CallContext) => call(kms, input, context).catch(refuse)];
  });
  return Object.fromEntries(bound);
}

/** What the runtime throws, as AWS says it. */
function refuse(error: unknown): never {
  if (!(error instanceof CommitFailed)) throw error;
  throw new AwsError('ServiceUnavailable', `Nothing was changed: the data could not be stored. ${error.message}`, {
    httpStatus: 503,
  });
}
