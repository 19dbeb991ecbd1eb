import { invalidParameter, invalidValue, missingParameter } from '../errors.ts';
import { labelLength } from '../limits.ts';
import { actionsOfTheOwner } from '../ownersActions.ts';
import { addPermission as addToPolicy, checkNumberOfActions } from '../policy.ts';
import { findQueue, queueArn } from '../queueUrl.ts';
import type { SqsOperation } from '../service.ts';

const grantableActions: readonly string[] = [
  '*',
  'ChangeMessageVisibility',
  'DeleteMessage',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListDeadLetterSourceQueues',
  'PurgeQueue',
  'ReceiveMessage',
  'SendMessage',
];

/** Writes a statement into the queue's Policy. */
export const addPermission: SqsOperation<'AddPermission'> = async (sqs, input, context) => {
  const queue = await findQueue(sqs, input.QueueUrl, context);
  const { Label: label, Actions: actions, AWSAccountIds: accountIds } = input;
  // first: the label's form
  checkLabel(label);
  // then: that there is something to grant, and someone
  if (actions.length === 0) throw missingParameter('Actions');
  checkAccountIds(accountIds);
  // then: the actions
  checkNumberOfActions(actions.length);
  for (const action of actions) checkAction(action);
  // last: what the policy holds already
  const { attributes, ...record } = queue.record;
  const permission = { label, accountIds: [...new Set(accountIds)], actions: [...new Set(actions)] };
  const Policy = addToPolicy(attributes.Policy, queueArn(record), permission);
  await queue.update({ attributes: { ...attributes, Policy }, modifiedAt: sqs.partition.now() });
};

function checkLabel(label: string): void {
  if (label === '') throw missingParameter('Label');
  if (/^[A-Za-z0-9_-]{1,80}$/.test(label)) return;
  const reason = `Can only include alphanumeric characters, hyphens, or underscores. 1 to ${labelLength} in length.`;
  throw invalidValue(label, 'Label', reason);
}

/** AWS drops those that it can't verify as long as one is left; here none is dropped silently. */
function checkAccountIds(accountIds: readonly string[]): void {
  const wrong = accountIds.filter((accountId) => !/^\d{12}$/.test(accountId));
  if (accountIds.length > 0 && wrong.length === 0) return;
  throw invalidParameter(`Value [${wrong.join(', ')}] for parameter PrincipalId is invalid. Reason: Unable to verify.`);
}

function checkAction(action: string): void {
  if (grantableActions.includes(action)) return;
  const reason = actionsOfTheOwner.includes(action)
    ? 'Only the queue owner is allowed to invoke this action.'
    : 'Please refer to the appropriate WSDL for a list of valid actions.';
  throw invalidValue(`SQS:${action}`, 'ActionName', reason);
}
