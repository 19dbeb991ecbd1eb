/** What kind of event a call is: whether it changes anything, and whether it is one of many about messages. */

const dataOperations: Readonly<Record<string, ReadonlySet<string>>> = {
  sqs: new Set([
    'ChangeMessageVisibility',
    'ChangeMessageVisibilityBatch',
    'DeleteMessage',
    'DeleteMessageBatch',
    'ReceiveMessage',
    'SendMessage',
    'SendMessageBatch',
  ]),
  sns: new Set(['Publish', 'PublishBatch']),
};

/** Calls about messages: there may be thousands each second, and they are on record only if someone asks for it. */
export function isDataEvent(service: string, operation: string): boolean {
  return dataOperations[service]?.has(operation) === true;
}

const readingVerbs = /^(?:Get|List|Describe|Check|Simulate|Lookup|Decode|AssumeRole)/;
/** CloudTrail counts the use of a key as reading: the key stays as it is. */
const keyUses =
  /^(?:Encrypt|Decrypt|ReEncrypt|GenerateDataKey|GenerateMac|GenerateRandom|Sign|Verify|DeriveSharedSecret)/;

export function isReadOnly(service: string, operation: string): boolean {
  if (service === 'sqs' && operation === 'ReceiveMessage') return true;
  return readingVerbs.test(operation) || (service === 'kms' && keyUses.test(operation));
}

const givesCredentials = /^(?:AssumeRole|GetSessionToken|GetFederationToken)/;

/** Of what only reads, the answer is left out, as CloudTrail does; but for new credentials, so that their use can be traced. */
export function isAnswerRecorded(service: string, operation: string): boolean {
  return !isReadOnly(service, operation) || (service === 'sts' && givesCredentials.test(operation));
}
