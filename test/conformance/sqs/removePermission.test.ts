import { RemovePermissionCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { describeOurs, json, protocols, sdk, uniqueName } from '../target.ts';

const operation = 'RemovePermission';
const granted = { AWSAccountIds: ['111122223333'], Actions: ['SendMessage'] };

// AWS verifies that the accounts exist.
describeOurs.each(protocols)('RemovePermission over $name', (api) => {
  it('removes the statements of a label, and the policy with the last one [aws: permission lifecycle]', async () => {
    const QueueUrl = await api.queue();
    for (const Label of ['a', 'b']) await api.ok('AddPermission', { QueueUrl, Label, ...granted });
    expect(await api.ok(operation, { QueueUrl, Label: 'a' })).toEqual({});
    const { Statement } = JSON.parse((await api.attribute(QueueUrl, 'Policy')) ?? '');
    expect(Statement).toMatchObject([{ Sid: 'b' }]);
    await api.ok(operation, { QueueUrl, Label: 'b' });
    expect(await api.ok('GetQueueAttributes', { QueueUrl, AttributeNames: ['Policy'] })).toEqual({});
  });

  it('makes room for the label again [aws: permission lifecycle]', async () => {
    const QueueUrl = await api.queue();
    await api.ok('AddPermission', { QueueUrl, Label: 'a', ...granted });
    await api.ok(operation, { QueueUrl, Label: 'a' });
    await api.ok('AddPermission', { QueueUrl, Label: 'a', ...granted });
  });

  it('removes a statement that was set with its Sid [model: RemovePermission]', async () => {
    const QueueUrl = await api.queue();
    const own = { Sid: 'own one', Effect: 'Deny', Principal: '*', Action: 'sqs:*', Resource: '*' };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: own });
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { Policy } });
    await api.ok(operation, { QueueUrl, Label: 'own one' });
    expect(await api.attribute(QueueUrl, 'Policy')).toBeUndefined();
  });

  it('does not find a label in a policy without it [aws: unknown label]', async () => {
    const QueueUrl = await api.queue();
    await api.ok('AddPermission', { QueueUrl, Label: 'a', ...granted });
    const refusal = errors.invalidValue('A', 'Label', "can't find label on existing policy.");
    await api.refused(operation, { QueueUrl, Label: 'A' }, refusal);
  });
});

describe.each(protocols)('RemovePermission over $name refuses', (api) => {
  it('a label where there is no policy [aws: permission lifecycle]', async () => {
    const QueueUrl = await api.queue();
    await api.refused(operation, { QueueUrl, Label: 'a' }, errors.invalidValue('a', 'Label', "can't find label."));
  });

  it.each([undefined, ''])('to do without a label: %s [model: RemovePermission.Label]', async (Label) => {
    const QueueUrl = await api.queue();
    await api.refused(operation, { QueueUrl, Label }, errors.missingParameter('Label'));
  });

  it('a queue that was never made [facts: error codes]', async () => {
    await api.refused(operation, { QueueUrl: uniqueName(), Label: 'a' }, errors.queueDoesNotExist);
  });
});

describe('RemovePermission with the SDK', () => {
  it('throws what its users catch [model: RemovePermission]', async () => {
    const QueueUrl = await json.queue();
    const failure = sdk().send(new RemovePermissionCommand({ QueueUrl, Label: 'a' }));
    await expect(failure).rejects.toMatchObject({ name: 'InvalidParameterValue', $fault: 'client' });
  });
});
