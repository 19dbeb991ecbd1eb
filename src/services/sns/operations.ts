import type { SnsOperations } from '#aws/generated/sns';
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
import type { SnsOperation } from './service.ts';

export const operations: { readonly [Name in keyof SnsOperations]: SnsOperation<Name> } = {
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
