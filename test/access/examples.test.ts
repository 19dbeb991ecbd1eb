/** Policies as AWS's documentation shows them, and those that SQS and SNS write themselves. */
import { expect, it } from 'vitest';
import { allow, away, cast, deny, home, outcome, queue, type Situation } from './cast.ts';

type Row = readonly [what: string, situation: Situation, expected: string];

const { alice } = cast;
const send = allow({ Action: 'sqs:SendMessage' });
const queue1 = `arn:aws:sqs:us-east-2:${away}:queue1`;
const ofQueue1 = { resource: queue1, owner: away } as const;
const grantSend = allow({ Principal: { AWS: [home] }, Action: 'sqs:SendMessage', Resource: queue1 });
const grantAll = allow({
  Principal: { AWS: [`arn:aws:iam::${home}:role/jobs/worker`, alice.arn] },
  Action: 'sqs:*',
  Resource: queue1,
});
const topic = `arn:aws:sns:us-east-2:${home}:news`;
const defaultTopicPolicy = allow({
  Principal: { AWS: '*' },
  Action: ['SNS:GetTopicAttributes', 'SNS:SetTopicAttributes', 'SNS:Subscribe', 'SNS:Publish'],
  Resource: topic,
  Condition: { StringEquals: { 'AWS:SourceOwner': home } },
});
const fromTopic = allow({
  Principal: { Service: 'sns.amazonaws.com' },
  Action: 'sqs:SendMessage',
  Resource: queue,
  Condition: { ArnEquals: { 'aws:SourceArn': topic } },
});
const publish = {
  action: 'SNS:Publish',
  resource: topic,
  attached: [defaultTopicPolicy],
  attachedVersion: '2008-10-17',
};

const examples: readonly Row[] = [
  [
    'an account was granted SendMessage on queue1',
    { who: 'alice', ...ofQueue1, identity: [send], attached: [grantSend] },
    'allowed crossAccount',
  ],
  ['its users need a policy too', { who: 'alice', ...ofQueue1, attached: [grantSend] }, 'implicitDeny identity'],
  ['its root needs none', { who: 'root', ...ofQueue1, attached: [grantSend] }, 'allowed crossAccount'],
  [
    'not ReceiveMessage',
    { who: 'alice', ...ofQueue1, action: 'sqs:ReceiveMessage', identity: [allow()], attached: [grantSend] },
    'implicitDeny resource',
  ],
  [
    'not queue2',
    {
      who: 'alice',
      owner: away,
      resource: `arn:aws:sqs:us-east-2:${away}:queue2`,
      identity: [send],
      attached: [grantSend],
    },
    'implicitDeny resource',
  ],
  [
    'sqs:* was granted to a role',
    {
      who: 'session',
      ...ofQueue1,
      action: 'sqs:ReceiveMessage',
      identity: [allow({ Action: 'sqs:*' })],
      attached: [grantAll],
    },
    'allowed crossAccount',
  ],
  [
    'and to a user',
    {
      who: 'alice',
      ...ofQueue1,
      action: 'sqs:PurgeQueue',
      identity: [allow({ Action: 'sqs:*' })],
      attached: [grantAll],
    },
    'allowed crossAccount',
  ],
  ['to no other', { who: 'bob', ...ofQueue1, identity: [allow()], attached: [grantAll] }, 'implicitDeny resource'],
  [
    'and not what never crosses accounts',
    {
      who: 'alice',
      ...ofQueue1,
      action: 'sqs:DeleteQueue',
      identity: [allow()],
      attached: [grantAll],
      options: { neverCrossAccount: true },
    },
    'implicitDeny crossAccount',
  ],
  [
    'the owner of a topic publishes',
    { who: 'alice', ...publish, context: { 'aws:SourceOwner': home } },
    'allowed resource',
  ],
  [
    'another account does not',
    { who: 'stranger', ...publish, identity: [allow()], context: { 'aws:SourceOwner': away } },
    'implicitDeny resource',
  ],
  ['nor the anonymous', { who: 'anonymous', ...publish }, 'implicitDeny resource'],
  [
    'the owner may not do what the policy leaves out',
    { who: 'alice', ...publish, action: 'SNS:TagResource', context: { 'aws:SourceOwner': home } },
    'implicitDeny none',
  ],
  [
    'a topic delivers to a queue that knows it',
    { who: 'topics', attached: [fromTopic], context: { 'aws:SourceArn': topic } },
    'allowed resource',
  ],
  [
    'another topic does not',
    { who: 'topics', attached: [fromTopic], context: { 'aws:SourceArn': `${topic}2` } },
    'implicitDeny resource',
  ],
  [
    'nor a topic to a queue without a policy',
    { who: 'topics', context: { 'aws:SourceArn': topic } },
    'implicitDeny resource',
  ],
  [
    'a policy that names no resource speaks of its own',
    { who: 'alice', attached: [{ Effect: 'Allow', Action: 'sqs:*', Principal: { AWS: alice.arn } }] },
    'allowed resource',
  ],
  [
    'only over TLS',
    {
      who: 'alice',
      identity: [send],
      context: { 'aws:SecureTransport': 'false' },
      attached: [deny({ Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })],
    },
    'explicitDeny resource',
  ],
  [
    'over TLS',
    {
      who: 'alice',
      identity: [send],
      context: { 'aws:SecureTransport': 'true' },
      attached: [deny({ Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })],
    },
    'allowed identity',
  ],
];

it.each(examples)('%s', (_what, situation, expected) => {
  expect(outcome(situation)).toBe(expected);
});
