/** RedrivePolicy and RedriveAllowPolicy, as CreateQueue and SetQueueAttributes take them and GetQueueAttributes shows them. */
import { describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { type Api, describeOurs, protocols, uniqueName } from '../target.ts';

type Attributes = Readonly<Record<string, string>>;

async function arnOf(api: Api, QueueUrl: string): Promise<string> {
  return (await api.attribute(QueueUrl, 'QueueArn')) ?? '';
}

/** Both ways to set an attribute refuse it in the same words. */
async function refusedBothWays(api: Api, given: Attributes, refusal: errors.ExpectedError): Promise<void> {
  const suffix = given.FifoQueue === undefined ? '' : '.fifo';
  await api.refused('CreateQueue', { QueueName: `${uniqueName()}${suffix}`, Attributes: given }, refusal);
  const QueueUrl = await api.queue(suffix ? { FifoQueue: 'true' } : {}, `${uniqueName()}${suffix}`);
  await api.refused('SetQueueAttributes', { QueueUrl, Attributes: given }, refusal);
  expect(await api.attribute(QueueUrl, 'RedrivePolicy')).toBeUndefined();
}

/** An ARN of the account and region of the queues here. */
async function arnNamed(api: Api, name: string): Promise<string> {
  return (await arnOf(api, await api.queue())).replace(/[^:]+$/, name);
}

const invalid = (text: string, reason: string) => errors.invalidValue(text, 'RedrivePolicy', reason);

describe.each(protocols)('RedrivePolicy over $name', (api) => {
  it.each(['7', 7, '007'])('is answered with a number, whatever %j was [aws: all properties]', async (count) => {
    const deadLetterTargetArn = await arnOf(api, await api.queue());
    const RedrivePolicy = `{ "maxReceiveCount": ${JSON.stringify(count)}, "deadLetterTargetArn": "${deadLetterTargetArn}" }`;
    const usual = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 7 });
    const QueueUrl = await api.queue({ RedrivePolicy });
    expect(await api.attribute(QueueUrl, 'RedrivePolicy')).toBe(usual);
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { RedrivePolicy: '' } });
    expect(await api.attribute(QueueUrl, 'RedrivePolicy')).toBeUndefined();
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { RedrivePolicy } });
    expect(await api.attribute(QueueUrl, 'RedrivePolicy')).toBe(usual);
  });

  it.each([1, 1000])('takes a count of %d [model: CreateQueue.Attributes]', async (maxReceiveCount) => {
    const deadLetterTargetArn = await arnOf(api, await api.queue());
    await api.queue({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount }) });
  });

  it('is taken as empty where there is none [aws: set empty redrive policy]', async () => {
    const QueueUrl = await api.queue({ RedrivePolicy: '' });
    expect(await api.attribute(QueueUrl, 'RedrivePolicy')).toBeUndefined();
  });

  it('is compared as it is answered, when a queue is created again [model: CreateQueue]', async () => {
    const QueueName = uniqueName();
    const deadLetterTargetArn = await arnOf(api, await api.queue());
    const policy = (maxReceiveCount: unknown) => ({
      RedrivePolicy: JSON.stringify({ maxReceiveCount, deadLetterTargetArn }),
    });
    const url = await api.queue(policy(3), QueueName);
    expect(await api.queue(policy('3'), QueueName)).toBe(url);
    const refusal = errors.queueNameExists('RedrivePolicy');
    await api.refused('CreateQueue', { QueueName, Attributes: policy(4) }, refusal);
    await api.refused('CreateQueue', { QueueName, Attributes: { RedrivePolicy: '' } }, refusal);
  });

  it.each([' ', 'x', '[]', '4', '"text"', 'null', '{"maxReceiveCount":1'])(
    'is a JSON map, not %j [aws: redrive policy validity]',
    async (RedrivePolicy) => {
      const refusal = errors.invalidAttributeValue('RedrivePolicy', 'Redrive policy is not a valid JSON map.');
      await refusedBothWays(api, { RedrivePolicy }, refusal);
    },
  );

  it('has both members [aws: redrive policy validity]', async () => {
    const reason = 'Redrive policy does not contain mandatory attribute';
    const deadLetterTargetArn = await arnOf(api, await api.queue());
    for (const text of ['{}', JSON.stringify({ deadLetterTargetArn })]) {
      await refusedBothWays(api, { RedrivePolicy: text }, invalid(text, `${reason}: maxReceiveCount.`));
    }
    const text = '{"maxReceiveCount":5}';
    await refusedBothWays(api, { RedrivePolicy: text }, invalid(text, `${reason}: deadLetterTargetArn.`));
  });

  it('has no others [aws: redrive policy validity]', async () => {
    const deadLetterTargetArn = await arnOf(api, await api.queue());
    const text = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 5, color: 'red' });
    const reason = 'Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn].';
    await refusedBothWays(api, { RedrivePolicy: text }, invalid(text, reason));
  });

  it.each([
    [0, '0'],
    [-36, '-36'],
    [1001, '1001'],
    ['1001', '1001'],
    [1.5, '1.5'],
    ['invalid', 'invalid'],
    ['', ''],
    [null, 'null'],
  ])('has no count of %j [aws: redrive policy validity]', async (maxReceiveCount, shown) => {
    const deadLetterTargetArn = await arnOf(api, await api.queue());
    const text = JSON.stringify({ deadLetterTargetArn, maxReceiveCount });
    const reason = `Invalid value for maxReceiveCount: ${shown}, valid values are from 1 to 1000 both inclusive.`;
    await refusedBothWays(api, { RedrivePolicy: text }, invalid(text, reason));
  });

  it.each(['dummy', '', 'arn:aws:sqs', 5])(
    'names its target by an ARN, not by %j [aws: invalid dead letter arn]',
    async (deadLetterTargetArn) => {
      const text = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 42 });
      await refusedBothWays(api, { RedrivePolicy: text }, invalid(text, 'Invalid value for deadLetterTargetArn.'));
    },
  );

  it('goes to queues alone [aws: redrive policy validity]', async () => {
    const deadLetterTargetArn = (await arnNamed(api, 'topic')).replace(':sqs:', ':sns:');
    const text = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 5 });
    const reason = 'Only SQS queues are valid resources for deadLetterTargetArn.';
    await refusedBothWays(api, { RedrivePolicy: text }, invalid(text, reason));
  });

  it('stays in its region and its account [model: CreateQueue.Attributes]', async () => {
    const arn = await arnNamed(api, 'q');
    const [, , , region = '', account = ''] = arn.split(':');
    const policy = (deadLetterTargetArn: string) => JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 5 });
    const farther = policy(arn.replace(region, 'af-south-1'));
    const another = policy(arn.replace(account, '999999999999'));
    const sameRegion = 'Dead-letter target must be in same region as the source.';
    const sameOwner = 'Dead-letter target owner should be same as the source.';
    await refusedBothWays(api, { RedrivePolicy: farther }, invalid(farther, sameRegion));
    await refusedBothWays(api, { RedrivePolicy: another }, invalid(another, sameOwner));
  });

  it('wants its target to exist [aws: redrive policy validity]', async () => {
    const text = JSON.stringify({ deadLetterTargetArn: await arnNamed(api, uniqueName()), maxReceiveCount: 5 });
    await refusedBothWays(api, { RedrivePolicy: text }, invalid(text, 'Dead letter target does not exist.'));
  });

  it('goes from FIFO to FIFO and from standard to standard [model: CreateQueue.Attributes]', async () => {
    const fifo = await arnOf(api, await api.queue({ FifoQueue: 'true' }, `${uniqueName()}.fifo`));
    const standard = await arnOf(api, await api.queue());
    const policy = (deadLetterTargetArn: string) => JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 5 });
    const reason = 'Dead-letter queue must be same type of queue as the source..';
    await refusedBothWays(api, { RedrivePolicy: policy(fifo) }, invalid(policy(fifo), reason));
    const toStandard = { FifoQueue: 'true', RedrivePolicy: policy(standard) };
    await refusedBothWays(api, toStandard, invalid(policy(standard), reason));
    const both = { FifoQueue: 'true', RedrivePolicy: policy(fifo) };
    const QueueUrl = await api.queue(both, `${uniqueName()}.fifo`);
    expect(await api.attribute(QueueUrl, 'RedrivePolicy')).toBe(policy(fifo));
  });

  it('asks the RedriveAllowPolicy of its target [model: CreateQueue.Attributes]', async () => {
    const allowed = uniqueName('source');
    const sourceQueueArns = [await arnNamed(api, allowed)];
    const open = await arnOf(api, await api.queue({ RedriveAllowPolicy: '{"redrivePermission":"allowAll"}' }));
    const byQueue = JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns });
    const named = await arnOf(api, await api.queue({ RedriveAllowPolicy: byQueue }));
    const closed = await arnOf(api, await api.queue({ RedriveAllowPolicy: '{"redrivePermission":"denyAll"}' }));
    const policy = (deadLetterTargetArn: string) => JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 5 });
    await api.queue({ RedrivePolicy: policy(open) });
    await api.queue({ RedrivePolicy: policy(named) }, allowed);
    // AWS's own words are not known.
    for (const arn of [named, closed]) {
      const Attributes = { RedrivePolicy: policy(arn) };
      const answer = await api.call('CreateQueue', { QueueName: uniqueName(), Attributes });
      expect(answer).toMatchObject({ status: 400, error: { queryCode: 'InvalidParameterValue' } });
    }
  });
});

describeOurs.each(protocols)('RedrivePolicy here, over $name', (api) => {
  it('never leads back to its own queue [posthorn: dead letters]', async () => {
    const QueueUrl = await api.queue();
    const text = JSON.stringify({ deadLetterTargetArn: await arnOf(api, QueueUrl), maxReceiveCount: 5 });
    const refusal = invalid(text, 'A queue can not be its own dead-letter queue.');
    await api.refused('SetQueueAttributes', { QueueUrl, Attributes: { RedrivePolicy: text } }, refusal);
  });
});

const notCreated = "Amazon SQS can't create the redrive allow policy";
const unsupported = errors.invalidAttributeValue(
  'RedriveAllowPolicy',
  `${notCreated}, as it’s in an unsupported format.`,
);
const invalidAllow = (text: string, reason: string) =>
  errors.invalidValue(text, 'RedriveAllowPolicy', `${notCreated}. ${reason}`);

describe.each(protocols)('RedriveAllowPolicy over $name', (api) => {
  it.each(['allowAll', 'denyAll'])('is set to %s, and removed [aws: all properties]', async (redrivePermission) => {
    const RedriveAllowPolicy = `{ "redrivePermission": "${redrivePermission}" }`;
    const QueueUrl = await api.queue({ RedriveAllowPolicy });
    expect(await api.attribute(QueueUrl, 'RedriveAllowPolicy')).toBe(JSON.stringify({ redrivePermission }));
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { RedriveAllowPolicy: '' } });
    expect(await api.attribute(QueueUrl, 'RedriveAllowPolicy')).toBeUndefined();
  });

  it.each([1, 10])('names %d queues, which need not exist [model: CreateQueue.Attributes]', async (count) => {
    const names = Array.from({ length: count }, (_, index) => `source-${index}`);
    const sourceQueueArns = await Promise.all(names.map((name) => arnNamed(api, name)));
    const RedriveAllowPolicy = JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns });
    const QueueUrl = await api.queue({ RedriveAllowPolicy });
    expect(await api.attribute(QueueUrl, 'RedriveAllowPolicy')).toBe(RedriveAllowPolicy);
  });

  it.each([
    'badjson',
    '[]',
    '4',
    'false',
    '{}',
    '{"redrivePermission":"dummy"}',
    '{"redrivePermission":"allowAll","color":"red"}',
    '{"redrivePermission":"byQueue","sourceQueueArns":"arn:aws:sqs"}',
    '{"redrivePermission":"byQueue","sourceQueueArns":[{"arn":"arn"}]}',
  ])('is not %s [aws: redrive allow policy validity]', async (RedriveAllowPolicy) => {
    await refusedBothWays(api, { RedriveAllowPolicy }, unsupported);
  });

  it.each([[undefined], [[]]])(
    'of the kind byQueue names queues, not %j [aws: redrive allow policy validity]',
    async (sourceQueueArns) => {
      const text = JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns });
      const reason =
        'When you specify the byQueue permission type, you must also specify one or more sourceQueueArns values.';
      await refusedBothWays(api, { RedriveAllowPolicy: text }, invalidAllow(text, reason));
    },
  );

  it('names no more than ten [model: CreateQueue.Attributes]', async () => {
    const arn = await arnNamed(api, 'source');
    const sourceQueueArns = Array.from({ length: 11 }, (_, index) => `${arn}-${index}`);
    const text = JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns });
    const reason = 'The maximum number of source queue ARNs you can specify is 10.';
    await refusedBothWays(api, { RedriveAllowPolicy: text }, invalidAllow(text, reason));
  });

  it.each(['allowAll', 'denyAll'])(
    'of the kind %s names none [model: CreateQueue.Attributes]',
    async (redrivePermission) => {
      const text = JSON.stringify({ redrivePermission, sourceQueueArns: [await arnNamed(api, 'source')] });
      const reason = 'To specify one or more source queue ARNs, you must set redrivePermission to byQueue.';
      await refusedBothWays(api, { RedriveAllowPolicy: text }, invalidAllow(text, reason));
    },
  );

  it('names queues of its own region [model: CreateQueue.Attributes]', async () => {
    const arn = await arnNamed(api, 'source');
    const elsewhere = arn.replace(arn.split(':')[3] ?? '', 'af-south-1');
    const text = JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [arn, elsewhere] });
    const reason = 'All source queue ARNs must be in the same region as the current SQS queue.';
    await refusedBothWays(api, { RedriveAllowPolicy: text }, invalidAllow(text, reason));
  });
});
