/** The attribute Policy, as CreateQueue and SetQueueAttributes take it. What may be in it, IAM's grammar of policies says. */
import { describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { protocols, uniqueName } from '../target.ts';

const statement = {
  Sid: 'one',
  Effect: 'Allow',
  Principal: { AWS: '*' },
  Action: 'sqs:SendMessage',
  Resource: 'arn:aws:sqs:*:*:*',
};

/** A policy document around the statements. */
function policy(...Statement: readonly unknown[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

function statements(count: number): readonly unknown[] {
  return Array.from({ length: count }, (_, index) => ({ ...statement, Sid: `s${index}` }));
}

describe.each(protocols)('Policy over $name', (api) => {
  it.each([
    ['of one statement, listed', policy(statement)],
    ['of one statement, not listed', JSON.stringify({ Version: '2012-10-17', Statement: statement })],
    ['of 2008, with an id', JSON.stringify({ Id: 'x', Version: '2008-10-17', Statement: [statement] })],
    ['without a version', JSON.stringify({ Statement: [statement] })],
    ['without a Sid, with a condition', policy({ ...statement, Sid: undefined, Condition: { Bool: { a: 'b' } } })],
    ['for everybody', policy({ ...statement, Principal: '*' })],
    ['for all but some', policy({ ...statement, Principal: undefined, NotPrincipal: { AWS: ['111122223333'] } })],
    ['of lists', policy({ ...statement, Action: ['sqs:SendMessage', 'sqs:Get*'], Resource: ['a', 'b'] })],
    ['that denies all but one action', policy({ ...statement, Effect: 'Deny', Action: undefined, NotAction: 'sqs:*' })],
    ['of 20 statements', policy(...statements(20))],
  ])('%s is set, and answered [aws: set queue policy]', async (_, Policy) => {
    const created = await api.queue({ Policy });
    const QueueUrl = await api.queue();
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { Policy } });
    for (const url of [created, QueueUrl]) {
      expect(JSON.parse((await api.attribute(url, 'Policy')) ?? '')).toEqual(JSON.parse(Policy));
    }
  });

  it('is removed by an empty value [aws: set empty queue policy]', async () => {
    const QueueUrl = await api.queue({ Policy: policy(statement) });
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { Policy: '' } });
    expect(await api.attribute(QueueUrl, 'Policy')).toBeUndefined();
  });

  it('is compared by what it says, when a queue is created again [model: CreateQueue]', async () => {
    const QueueName = uniqueName();
    const url = await api.queue({ Policy: policy(statement) }, QueueName);
    const reordered = JSON.stringify({ Statement: [statement], Version: '2012-10-17' }, null, 2);
    expect(await api.queue({ Policy: reordered }, QueueName)).toBe(url);
    const Attributes = { Policy: policy({ ...statement, Effect: 'Deny' }) };
    await api.refused('CreateQueue', { QueueName, Attributes }, errors.queueNameExists('Policy'));
  });

  it.each([
    ['text', 'badjson'],
    ['a list', '[]'],
    ['a number', '533'],
    ['null', 'null'],
    ['empty', '{}'],
    ['without statements', policy()],
    ['of a version that is none', JSON.stringify({ Version: '4532-10-17', Statement: [statement] })],
    ['of an unknown member', JSON.stringify({ Version: '2012-10-17', Statement: [statement], Color: 'red' })],
    ['of an unknown member of a statement', policy({ ...statement, Color: 'red' })],
    ['of another effect', policy({ ...statement, Effect: 'Perhaps' })],
    ['without a principal', policy({ ...statement, Principal: undefined })],
    ['without an action', policy({ ...statement, Action: undefined })],
    ['of actions that are numbers', policy({ ...statement, Action: [1] })],
    ['of two statements of one Sid', policy(statement, statement)],
    ['of more than 8,192 bytes', policy({ ...statement, Sid: 's'.repeat(8192) })],
  ])('is not %s [aws: invalid policy]', async (_, Policy) => {
    const refusal = errors.invalidAttributeValue('Policy');
    await api.refused('CreateQueue', { QueueName: uniqueName(), Attributes: { Policy } }, refusal);
    const QueueUrl = await api.queue();
    await api.refused('SetQueueAttributes', { QueueUrl, Attributes: { Policy } }, refusal);
    expect(await api.attribute(QueueUrl, 'Policy')).toBeUndefined();
  });

  it('has no more than 20 statements of seven actions [model: AddPermission]', async () => {
    const QueueUrl = await api.queue();
    const Action = Array.from({ length: 8 }, (_, index) => `sqs:Action${index}`);
    const tooMany = [
      [policy(...statements(22)), '22 statements were found in the submitted policy, max allowed is 20'],
      [policy({ ...statement, Action }), '8 Actions were found, maximum allowed is 7.'],
    ] as const;
    for (const [Policy, text] of tooMany) {
      await api.refused('SetQueueAttributes', { QueueUrl, Attributes: { Policy } }, errors.overLimit(text));
    }
  });
});
