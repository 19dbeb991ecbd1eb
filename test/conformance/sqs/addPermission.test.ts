import { AddPermissionCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import type { Input } from '../client.ts';
import * as errors from '../errors.ts';
import { type Api, describeOurs, json, protocols, sdk, uniqueName } from '../target.ts';

const operation = 'AddPermission';
const granted = { Label: 'a', AWSAccountIds: ['111122223333'], Actions: ['SendMessage'] };

async function policyOf(api: Api, QueueUrl: string) {
  return JSON.parse((await api.attribute(QueueUrl, 'Policy')) ?? 'null');
}

/** A statement as AWS writes it. */
function statement(Sid: string, AWS: string | string[], Action: string | string[], Resource: string | undefined) {
  return { Sid, Effect: 'Allow', Principal: { AWS }, Action, Resource };
}

const root = (accountId: string) => `arn:aws:iam::${accountId}:root`;

// AWS verifies that the accounts exist.
describeOurs.each(protocols)('AddPermission over $name', (api) => {
  it('writes a policy of one statement, and answers nothing [aws: permission lifecycle]', async () => {
    const QueueUrl = await api.queue();
    const arn = await api.attribute(QueueUrl, 'QueueArn');
    expect(await api.ok(operation, { QueueUrl, ...granted })).toEqual({});
    expect(await policyOf(api, QueueUrl)).toEqual({
      Version: '2008-10-17',
      Id: `${arn}/SQSDefaultPolicy`,
      Statement: [statement('a', root('111122223333'), 'SQS:SendMessage', arn)],
    });
  });

  it('lists accounts and actions where there are several [aws: permission lifecycle]', async () => {
    const QueueUrl = await api.queue();
    const arn = await api.attribute(QueueUrl, 'QueueArn');
    const AWSAccountIds = ['444455556666', '111122223333'];
    await api.ok(operation, { QueueUrl, Label: 'all', AWSAccountIds, Actions: ['*', 'SendMessage'] });
    const { Statement } = await policyOf(api, QueueUrl);
    expect(Statement).toEqual([
      statement('all', [root('444455556666'), root('111122223333')], ['SQS:*', 'SQS:SendMessage'], arn),
    ]);
  });

  it('adds to the statements that are there [aws: permission lifecycle]', async () => {
    const QueueUrl = await api.queue();
    await api.ok(operation, { QueueUrl, ...granted });
    await api.ok(operation, { QueueUrl, ...granted, Label: 'b' });
    const { Statement } = await policyOf(api, QueueUrl);
    expect(Statement.map(({ Sid }: { Sid: string }) => Sid)).toEqual(['a', 'b']);
  });

  it.each([true, false])(
    'adds to a policy that was set, its statements listed: %s [model: AddPermission]',
    async (listed) => {
      const QueueUrl = await api.queue();
      const own = { Sid: 'own', Effect: 'Deny', Principal: '*', Action: 'sqs:*', Resource: '*' };
      const Policy = { Version: '2012-10-17', Id: 'mine', Statement: listed ? [own] : own };
      await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { Policy: JSON.stringify(Policy) } });
      await api.ok(operation, { QueueUrl, ...granted });
      const { Statement, ...others } = await policyOf(api, QueueUrl);
      expect(others).toEqual({ Version: '2012-10-17', Id: 'mine' });
      expect(Statement).toMatchObject([own, { Sid: 'a' }]);
    },
  );

  it.each([
    '*',
    'ChangeMessageVisibility',
    'DeleteMessage',
    'GetQueueAttributes',
    'GetQueueUrl',
    'ListDeadLetterSourceQueues',
    'PurgeQueue',
    'ReceiveMessage',
    'SendMessage',
  ])('grants %s [model: AddPermission.Actions]', async (action) => {
    const QueueUrl = await api.queue();
    await api.ok(operation, { QueueUrl, ...granted, Actions: [action] });
    expect((await policyOf(api, QueueUrl)).Statement[0].Action).toBe(`SQS:${action}`);
  });

  it('takes labels of up to 80 characters [model: AddPermission.Label]', async () => {
    const QueueUrl = await api.queue();
    const Label = 'aZ09_-'.repeat(14).slice(0, 80);
    await api.ok(operation, { QueueUrl, ...granted, Label });
    expect((await policyOf(api, QueueUrl)).Statement[0].Sid).toBe(Label);
  });

  it('moves LastModifiedTimestamp no further back [model: GetQueueAttributes]', async () => {
    const QueueUrl = await api.queue();
    const before = Number(await api.attribute(QueueUrl, 'LastModifiedTimestamp'));
    await api.ok(operation, { QueueUrl, ...granted });
    expect(Number(await api.attribute(QueueUrl, 'LastModifiedTimestamp'))).toBeGreaterThanOrEqual(before);
  });

  it('has room for 20 statements [facts: policy quotas]', async () => {
    const QueueUrl = await api.queue();
    for (let n = 1; n <= 20; n++) await api.ok(operation, { QueueUrl, ...granted, Label: `l${n}` });
    const refusal = errors.overLimit('21 Statements were found, maximum allowed is 20.');
    await api.refused(operation, { QueueUrl, ...granted, Label: 'l21' }, refusal);
    expect((await policyOf(api, QueueUrl)).Statement).toHaveLength(20);
  });

  it('has room for 8,192 bytes [facts: policy quotas]', async () => {
    const QueueUrl = await api.queue();
    const AWSAccountIds = Array.from({ length: 300 }, (_, index) => String(100_000_000_000 + index));
    const refusal = errors.overLimit('The policy would be longer than 8192 bytes.');
    await api.refused(operation, { QueueUrl, ...granted, AWSAccountIds }, refusal);
    expect(await policyOf(api, QueueUrl)).toBeNull();
  });

  it('adds all of two that come at once [posthorn: one place]', async () => {
    const QueueUrl = await api.queue();
    const labels = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(labels.map((Label) => api.ok(operation, { QueueUrl, ...granted, Label })));
    const { Statement } = await policyOf(api, QueueUrl);
    expect(Statement.map(({ Sid }: { Sid: string }) => Sid).sort()).toEqual(labels);
  });
});

const eightActions = ['*', 'SendMessage', 'ReceiveMessage', 'DeleteMessage', 'PurgeQueue', 'GetQueueUrl', 'x', 'y'];
const labelReason = 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.';
const unverified = (shown: string) => errors.invalidValue(shown, 'PrincipalId', 'Unable to verify.');
const ownersAlone = 'Only the queue owner is allowed to invoke this action.';
const notListed = 'Please refer to the appropriate WSDL for a list of valid actions.';

describe.each(protocols)('AddPermission over $name refuses', (api) => {
  it.each<[string, Input, errors.ExpectedError]>([
    ['an empty label', { Label: '' }, errors.missingParameter('Label')],
    ['a label of 81 characters', { Label: 'l'.repeat(81) }, errors.invalidValue('l'.repeat(81), 'Label', labelReason)],
    ['a label with a dot', { Label: 'a.b' }, errors.invalidValue('a.b', 'Label', labelReason)],
    ['no actions', { Actions: [] }, errors.missingParameter('Actions')],
    ['no accounts', { AWSAccountIds: [] }, unverified('[]')],
    ['an account of 11 digits', { AWSAccountIds: ['11112222333'] }, unverified('[11112222333]')],
    ['an account that is an ARN', { AWSAccountIds: [root('111122223333')] }, unverified(`[${root('111122223333')}]`)],
    ['eight actions', { Actions: eightActions }, errors.overLimit('8 Actions were found, maximum allowed is 7.')],
    [
      'an action of batches',
      { Actions: ['SendMessageBatch'] },
      errors.invalidValue('SQS:SendMessageBatch', 'ActionName', notListed),
    ],
    [
      'an action with its service',
      { Actions: ['SQS:SendMessage'] },
      errors.invalidValue('SQS:SQS:SendMessage', 'ActionName', notListed),
    ],
    [
      'an action in small letters',
      { Actions: ['sendmessage'] },
      errors.invalidValue('SQS:sendmessage', 'ActionName', notListed),
    ],
  ])('%s [model: AddPermission]', async (_, input, refusal) => {
    const QueueUrl = await api.queue();
    await api.refused(operation, { QueueUrl, ...granted, ...input }, refusal);
    expect(await api.attribute(QueueUrl, 'Policy')).toBeUndefined();
  });

  it.each([
    'AddPermission',
    'CreateQueue',
    'DeleteQueue',
    'ListQueues',
    'RemovePermission',
    'SetQueueAttributes',
    'TagQueue',
    'StartMessageMoveTask',
  ])('to grant %s [aws: only the queue owner]', async (action) => {
    const QueueUrl = await api.queue();
    const refusal = errors.invalidValue(`SQS:${action}`, 'ActionName', ownersAlone);
    await api.refused(operation, { QueueUrl, ...granted, Actions: ['SendMessage', action] }, refusal);
  });

  it.each(['Label', 'Actions', 'AWSAccountIds'])('to do without %s [model: AddPermission]', async (name) => {
    const QueueUrl = await api.queue();
    await api.refused(operation, { QueueUrl, ...granted, [name]: undefined }, errors.missingParameter(name));
  });

  it.each([{ Actions: 'SendMessage' }, { Actions: {} }, { AWSAccountIds: 111122223333 }, { Label: ['a'] }])(
    'the wrong type, in JSON: %j [model: AddPermissionRequest]',
    async (input) => {
      if (api.name === 'Query') return;
      const QueueUrl = await api.queue();
      const answer = await api.call(operation, { QueueUrl, ...granted, ...input });
      expect(answer).toMatchObject({ status: 400, error: { code: 'SerializationException' } });
    },
  );

  it('a queue that was never made [facts: error codes]', async () => {
    await api.refused(operation, { QueueUrl: uniqueName(), ...granted }, errors.queueDoesNotExist);
  });
});

describeOurs.each(protocols)('AddPermission over $name, of a label that is taken', (api) => {
  it('is refused, and the label stays as it was [aws: permission lifecycle]', async () => {
    const QueueUrl = await api.queue();
    await api.ok(operation, { QueueUrl, ...granted });
    const before = await api.attribute(QueueUrl, 'Policy');
    const refusal = errors.invalidValue('a', 'Label', 'Already exists.');
    await api.refused(operation, { QueueUrl, ...granted, Actions: ['PurgeQueue'] }, refusal);
    expect(await api.attribute(QueueUrl, 'Policy')).toBe(before);
  });
});

describeOurs('AddPermission with the SDK', () => {
  it('adds, and throws what its users catch [model: AddPermission]', async () => {
    const QueueUrl = await json.queue();
    await sdk().send(new AddPermissionCommand({ QueueUrl, ...granted }));
    const again = sdk().send(new AddPermissionCommand({ QueueUrl, ...granted }));
    await expect(again).rejects.toMatchObject({ name: 'InvalidParameterValue', $fault: 'client' });
    const many = sdk().send(new AddPermissionCommand({ QueueUrl, ...granted, Actions: eightActions }));
    await expect(many).rejects.toMatchObject({ name: 'OverLimit' });
  });
});
