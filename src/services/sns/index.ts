import { AwsError, type CallContext, type ServedService } from '#aws/contract';
import { sns as contract, type SnsOperations } from '#aws/generated/sns';
import {
  CommitFailed,
  type DataKeys,
  KeyUnusable,
  type Partition,
  type QueueEncoder,
  Turns,
  type Vault,
} from '#runtime';
import { accessOf } from './access.ts';
import { AddressBook } from './addressBook.ts';
import { DeliveryLoop } from './deliveryLoop.ts';
import { keyUnusable } from './errors.ts';
import { Farewells } from './farewells.ts';
import { LargeFanOuts } from './largeFanOuts.ts';
import { addPermission } from './operations/addPermission.ts';
import { checkIfPhoneNumberIsOptedOut } from './operations/checkIfPhoneNumberIsOptedOut.ts';
import { confirmSubscription } from './operations/confirmSubscription.ts';
import { createPlatformApplication } from './operations/createPlatformApplication.ts';
import { createPlatformEndpoint } from './operations/createPlatformEndpoint.ts';
import { createSMSSandboxPhoneNumber } from './operations/createSMSSandboxPhoneNumber.ts';
import { createTopic } from './operations/createTopic.ts';
import { deleteEndpoint } from './operations/deleteEndpoint.ts';
import { deletePlatformApplication } from './operations/deletePlatformApplication.ts';
import { deleteSMSSandboxPhoneNumber } from './operations/deleteSMSSandboxPhoneNumber.ts';
import { deleteTopic } from './operations/deleteTopic.ts';
import { getDataProtectionPolicy } from './operations/getDataProtectionPolicy.ts';
import { getEndpointAttributes } from './operations/getEndpointAttributes.ts';
import { getPlatformApplicationAttributes } from './operations/getPlatformApplicationAttributes.ts';
import { getSMSAttributes } from './operations/getSMSAttributes.ts';
import { getSMSSandboxAccountStatus } from './operations/getSMSSandboxAccountStatus.ts';
import { getSubscriptionAttributes } from './operations/getSubscriptionAttributes.ts';
import { getTopicAttributes } from './operations/getTopicAttributes.ts';
import { listEndpointsByPlatformApplication } from './operations/listEndpointsByPlatformApplication.ts';
import { listOriginationNumbers } from './operations/listOriginationNumbers.ts';
import { listPhoneNumbersOptedOut } from './operations/listPhoneNumbersOptedOut.ts';
import { listPlatformApplications } from './operations/listPlatformApplications.ts';
import { listSMSSandboxPhoneNumbers } from './operations/listSMSSandboxPhoneNumbers.ts';
import { listSubscriptions } from './operations/listSubscriptions.ts';
import { listSubscriptionsByTopic } from './operations/listSubscriptionsByTopic.ts';
import { listTagsForResource } from './operations/listTagsForResource.ts';
import { listTopics } from './operations/listTopics.ts';
import { optInPhoneNumber } from './operations/optInPhoneNumber.ts';
import { publish } from './operations/publish.ts';
import { publishBatch } from './operations/publishBatch.ts';
import { putDataProtectionPolicy } from './operations/putDataProtectionPolicy.ts';
import { removePermission } from './operations/removePermission.ts';
import { setEndpointAttributes } from './operations/setEndpointAttributes.ts';
import { setPlatformApplicationAttributes } from './operations/setPlatformApplicationAttributes.ts';
import { setSMSAttributes } from './operations/setSMSAttributes.ts';
import { setSubscriptionAttributes } from './operations/setSubscriptionAttributes.ts';
import { setTopicAttributes } from './operations/setTopicAttributes.ts';
import { subscribe } from './operations/subscribe.ts';
import { tagResource } from './operations/tagResource.ts';
import { unsubscribe } from './operations/unsubscribe.ts';
import { untagResource } from './operations/untagResource.ts';
import { verifySMSSandboxPhoneNumber } from './operations/verifySMSSandboxPhoneNumber.ts';
import { Pace } from './pace.ts';
import { checkPhoneNumber, optOut, type SmsScope } from './phoneNumbers.ts';
import { Replays } from './replays.ts';
import { createSenders, Outbox } from './senders/index.ts';
import type { Sns, SnsOperation } from './service.ts';
import type { SnsSettings } from './settings.ts';
import { SigningKeys } from './signingIdentity.ts';
import { Topics } from './topics.ts';

export type { SnsSettings } from './settings.ts';

const operations: { readonly [Name in keyof SnsOperations]: SnsOperation<Name> } = {
  AddPermission: addPermission,
  CheckIfPhoneNumberIsOptedOut: checkIfPhoneNumberIsOptedOut,
  ConfirmSubscription: confirmSubscription,
  CreatePlatformApplication: createPlatformApplication,
  CreatePlatformEndpoint: createPlatformEndpoint,
  CreateSMSSandboxPhoneNumber: createSMSSandboxPhoneNumber,
  CreateTopic: createTopic,
  DeleteEndpoint: deleteEndpoint,
  DeletePlatformApplication: deletePlatformApplication,
  DeleteSMSSandboxPhoneNumber: deleteSMSSandboxPhoneNumber,
  DeleteTopic: deleteTopic,
  GetDataProtectionPolicy: getDataProtectionPolicy,
  GetEndpointAttributes: getEndpointAttributes,
  GetPlatformApplicationAttributes: getPlatformApplicationAttributes,
  GetSMSAttributes: getSMSAttributes,
  GetSMSSandboxAccountStatus: getSMSSandboxAccountStatus,
  GetSubscriptionAttributes: getSubscriptionAttributes,
  GetTopicAttributes: getTopicAttributes,
  ListEndpointsByPlatformApplication: listEndpointsByPlatformApplication,
  ListOriginationNumbers: listOriginationNumbers,
  ListPhoneNumbersOptedOut: listPhoneNumbersOptedOut,
  ListPlatformApplications: listPlatformApplications,
  ListSMSSandboxPhoneNumbers: listSMSSandboxPhoneNumbers,
  ListSubscriptions: listSubscriptions,
  ListSubscriptionsByTopic: listSubscriptionsByTopic,
  ListTagsForResource: listTagsForResource,
  ListTopics: listTopics,
  OptInPhoneNumber: optInPhoneNumber,
  Publish: publish,
  PublishBatch: publishBatch,
  PutDataProtectionPolicy: putDataProtectionPolicy,
  RemovePermission: removePermission,
  SetEndpointAttributes: setEndpointAttributes,
  SetPlatformApplicationAttributes: setPlatformApplicationAttributes,
  SetSMSAttributes: setSMSAttributes,
  SetSubscriptionAttributes: setSubscriptionAttributes,
  SetTopicAttributes: setTopicAttributes,
  Subscribe: subscribe,
  TagResource: tagResource,
  Unsubscribe: unsubscribe,
  UntagResource: untagResource,
  VerifySMSSandboxPhoneNumber: verifySMSSandboxPhoneNumber,
};

export interface SnsOptions extends SnsSettings {
  readonly encoder: QueueEncoder;
  readonly dataKeys: DataKeys;
  /** Seals what is kept in the outbox. */
  readonly vault: Vault;
  /** What went wrong where nobody waits for it. */
  readonly report: (error: Error) => void;
}

/** SNS with what it does by itself: deliveries, and replays. */
export interface RunningSns {
  readonly service: ServedService;
  readonly deliveries: DeliveryLoop;
  readonly outbox: Outbox;
  /** Copies of messages that are promised to queues and not there yet. */
  promisedCopies(): number;
  /** Begins deliveries; `publicUrl` is what their receivers find this server by. */
  start(publicUrl: string): void;
  /** The certificate in PEM, if this is its path. */
  certificateAt(path: string): Promise<string | undefined>;
  /** Somebody wants no more SMS of that account; refuses what is no phone number. */
  optOut(scope: SmsScope, phoneNumber: string): Promise<void>;
  /** Before the partition is closed: what is under way is broken off, and goes on after the next start. */
  close(): Promise<void>;
}

export function createSns(partition: Partition, options: SnsOptions): RunningSns {
  const { encoder, dataKeys, vault, smsSandbox = false, enforceQuotas = false, report } = options;
  const outbox = new Outbox(partition, { vault });
  const senders = createSenders({ settings: options, outbox, now: () => partition.now() });
  const deliveries = new DeliveryLoop(partition, encoder, { report, dataKeys });
  const signingKeys = new SigningKeys(partition);
  const replays = new Replays(partition, report);
  const largeFanOuts = new LargeFanOuts(partition, report);
  const farewells = new Farewells(partition, report);
  const topics = new Topics(partition);
  const sns: Sns = {
    ...{
      partition,
      topics,
      encoder,
      dataKeys,
      deliveries,
      signingKeys,
      replays,
      largeFanOuts,
      smsSandbox,
      enforceQuotas,
    },
    turns: new Turns(),
    pace: new Pace(),
  };
  return {
    service: {
      contract,
      operations: bind(sns),
      accessOf: (operation: string, input: never, context: CallContext) => accessOf(sns, operation, input, context),
    },
    deliveries,
    outbox,
    promisedCopies: () => largeFanOuts.promised,
    start: (publicUrl) => {
      const addressBook = new AddressBook(sns, publicUrl);
      deliveries.start({
        find: (delivery, queue) => addressBook.find(delivery, queue),
        senderOf: (protocol) => senders.of(protocol),
        queues: () => addressBook.queues(),
      });
      replays.start(sns);
      largeFanOuts.start(sns);
      farewells.start(sns);
    },
    certificateAt: async (path) => {
      if (!path.startsWith('/SimpleNotificationService-')) return undefined;
      const signing = await signingKeys.get();
      return signing.path === path ? signing.certificate : undefined;
    },
    optOut: async (scope, phoneNumber) => optOut(sns, scope, checkPhoneNumber(phoneNumber)),
    close: async () => {
      await Promise.all([replays.close(), largeFanOuts.close(), farewells.close(), deliveries.close()]);
      await senders.close();
    },
  };
}

/** Each operation takes its own input, which the codecs made by the contract. */
function bind(sns: Sns): ServedService['operations'] {
  const bound = Object.entries(operations).map(([name, operation]) => {
    const call = operation as (sns: Sns, input: never, context: CallContext) => Promise<unknown>;
    return [name, (input: never, context: CallContext) => call(sns, input, context).catch(refuse)];
  });
  return Object.fromEntries(bound);
}

/** What the runtime throws, as AWS says it. */
function refuse(error: unknown): never {
  if (error instanceof KeyUnusable) throw keyUnusable(error);
  if (!(error instanceof CommitFailed)) throw error;
  throw new AwsError('ServiceUnavailable', `Nothing was changed: the data could not be stored. ${error.message}`, {
    httpStatus: 503,
  });
}
