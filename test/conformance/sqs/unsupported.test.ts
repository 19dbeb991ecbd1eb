/** Operations of SQS that this server does not answer yet say so, by name. */
import { AddPermissionCommand } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { describeOurs, json, protocols, sdk } from '../target.ts';

describeOurs.each(protocols)('what is not built over $name', (api) => {
  it.each([
    ['AddPermission', { Label: 'l', AWSAccountIds: ['111122223333'], Actions: ['SendMessage'] }],
    ['RemovePermission', { Label: 'l' }],
    ['ListDeadLetterSourceQueues', {}],
    ['StartMessageMoveTask', { SourceArn: 'arn:aws:sqs:eu-west-1:111122223333:q' }],
    ['ListMessageMoveTasks', { SourceArn: 'arn:aws:sqs:eu-west-1:111122223333:q' }],
    ['CancelMessageMoveTask', { TaskHandle: 'h' }],
  ])('is refused by name: %s [posthorn: not built]', async (operation, input) => {
    const QueueUrl = await api.queue();
    await api.refused(operation, { QueueUrl, ...input }, errors.unsupportedOperation(operation));
  });

  it('is told apart from what does not exist [facts: error codes]', async () => {
    const { error } = await api.call('SendMessages', {});
    expect(error?.code ?? error?.queryCode).toBe(api.name === 'JSON' ? 'UnknownOperationException' : 'InvalidAction');
  });
});

describeOurs('what is not built with the SDK', () => {
  it('says so to its users [posthorn: not built]', async () => {
    const input = { QueueUrl: await json.queue(), Label: 'l', AWSAccountIds: ['1'], Actions: ['*'] };
    const failure = sdk().send(new AddPermissionCommand(input));
    await expect(failure).rejects.toMatchObject({ name: 'UnsupportedOperation', $fault: 'client' });
  });
});
