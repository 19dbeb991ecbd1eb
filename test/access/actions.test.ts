/** Which actions and resources a statement speaks of. */
import { describe, expect, it } from 'vitest';
import { allow, deny, home, outcome, queue } from './cast.ts';

type Row = readonly [pattern: string | readonly string[], asked: string, matches: boolean];

const other = 'arn:aws:sns:eu-west-1:444455556666:news';

const actions: Readonly<Record<string, readonly Row[]>> = {
  'Action: the name of a service, a colon, the name of an action': [
    ['sqs:SendMessage', 'sqs:SendMessage', true],
    ['sqs:SendMessage', 'sqs:ReceiveMessage', false],
    ['sqs:SendMessage', 'sns:SendMessage', false],
    ['sqs:SendMessage', 'sqs:SendMessageBatch', false],
    ['sqs:SendMessageBatch', 'sqs:SendMessage', false],
    ['sns:Publish', 'sns:Publish', true],
    ['kms:Decrypt', 'kms:Decrypt', true],
    ['kms:Decrypt', 'kms:Encrypt', false],
    ['sts:AssumeRole', 'sts:AssumeRoleWithWebIdentity', false],
  ],
  'Action: prefix and name are case-insensitive': [
    ['SQS:SendMessage', 'sqs:SendMessage', true],
    ['sqs:sendmessage', 'sqs:SendMessage', true],
    ['SQS:SENDMESSAGE', 'sqs:SendMessage', true],
    ['sqs:SendMessage', 'SQS:sendmessage', true],
    ['iam:ListAccessKeys', 'IAM:listaccesskeys', true],
    ['SNS:PUB*', 'sns:Publish', true],
    ['KMS:?ecrypt', 'kms:Decrypt', true],
  ],
  'Action: * is any number of characters': [
    ['*', 'sqs:SendMessage', true],
    ['*', 'kms:Decrypt', true],
    ['sqs:*', 'sqs:SendMessage', true],
    ['sqs:*', 'sqs:DeleteQueue', true],
    ['sqs:*', 'sns:Publish', false],
    ['sqs:Send*', 'sqs:SendMessage', true],
    ['sqs:Send*', 'sqs:SendMessageBatch', true],
    ['sqs:Send*', 'sqs:ReceiveMessage', false],
    ['sqs:*Message', 'sqs:SendMessage', true],
    ['sqs:*Message', 'sqs:SendMessageBatch', false],
    ['sqs:*Message*', 'sqs:ChangeMessageVisibilityBatch', true],
    ['sqs:S*d*e', 'sqs:SendMessage', true],
    ['sqs:S*x*e', 'sqs:SendMessage', false],
    ['sqs:SendMessage*', 'sqs:SendMessage', true],
    ['*:*', 'sqs:SendMessage', true],
    ['*:SendMessage', 'sqs:SendMessage', true],
    ['*:SendMessage', 'sqs:DeleteMessage', false],
    ['iam:*AccessKey*', 'iam:CreateAccessKey', true],
    ['iam:*AccessKey*', 'iam:GetAccessKeyLastUsed', true],
    ['iam:*AccessKey*', 'iam:CreateUser', false],
    ['sqs:**', 'sqs:SendMessage', true],
    ['sqs:*s*s*s*', 'sqs:SendMessage', true],
    ['sqs:*s*s*s*s*', 'sqs:SendMessage', false],
  ],
  'Action: ? is one character': [
    ['sqs:SendMessag?', 'sqs:SendMessage', true],
    ['sqs:?endMessage', 'sqs:SendMessage', true],
    ['sqs:SendMessage?', 'sqs:SendMessage', false],
    ['sqs:????Message', 'sqs:SendMessage', true],
    ['sqs:????Message', 'sqs:ReceiveMessage', false],
    ['sqs:?*Message', 'sqs:SendMessage', true],
    ['sqs:*?', 'sqs:SendMessage', true],
  ],
  'Action: nothing else is a wildcard': [
    ['sqs:Send.*', 'sqs:SendMessage', false],
    ['sqs:[S]endMessage', 'sqs:SendMessage', false],
    ['sqs:Send|Receive', 'sqs:SendMessage', false],
    ['sqs:SendMessage ', 'sqs:SendMessage', false],
  ],
  'Action: one of a list is enough': [
    [['sqs:SendMessage', 'sqs:ReceiveMessage'], 'sqs:ReceiveMessage', true],
    [['sqs:SendMessage', 'sqs:ReceiveMessage'], 'sqs:DeleteMessage', false],
    [['sns:*', 'sqs:Get*'], 'sqs:GetQueueUrl', true],
    [['sns:*', 'sqs:Get*'], 'sqs:ListQueues', false],
    [['sns:*', '*'], 'sqs:ListQueues', true],
  ],
};

const resources: Readonly<Record<string, readonly Row[]>> = {
  'Resource: an ARN, whole and case-sensitive': [
    [queue, queue, true],
    [queue, `${queue}2`, false],
    [`${queue}2`, queue, false],
    [queue, queue.replace('queue1', 'Queue1'), false],
    [queue, queue.replace(home, '444455556666'), false],
    [queue, queue.replace('us-east-2', 'us-east-1'), false],
    [queue, other, false],
    ['arn:aws:iam::111122223333:user/Bob', 'arn:aws:iam::111122223333:user/bob', false],
  ],
  'Resource: * alone is everything, also what has no ARN': [
    ['*', queue, true],
    ['*', other, true],
    ['*', '*', true],
    [queue, '*', false],
    ['arn:aws:sqs:*:*:*', '*', false],
  ],
  'Resource: wildcards within a segment': [
    ['arn:aws:sqs:*:111122223333:queue1', queue, true],
    ['arn:aws:sqs:us-*:111122223333:queue1', queue, true],
    ['arn:aws:sqs:us-*-2:111122223333:queue1', queue, true],
    ['arn:aws:sqs:us-*-1:111122223333:queue1', queue, false],
    ['arn:aws:sqs:us-east-?:111122223333:queue1', queue, true],
    ['arn:aws:sqs:us-east-2:*:queue1', queue, true],
    ['arn:aws:sqs:us-east-2:1111????3333:queue1', queue, true],
    ['arn:aws:sqs:us-east-2:111122223333:queue?', queue, true],
    ['arn:aws:sqs:us-east-2:111122223333:queue??', queue, false],
    ['arn:aws:sqs:us-east-2:111122223333:queue*', queue, true],
    ['arn:aws:sqs:us-east-2:111122223333:*1', queue, true],
    ['arn:aws:sqs:us-east-2:111122223333:*2', queue, false],
    ['arn:aws:sqs:us-east-2:111122223333:q*e*', queue, true],
    ['arn:aws:sqs:*:*:queue1', queue, true],
    ['arn:aws:sqs:*:*:*', queue, true],
    ['arn:aws:sqs:*:*:*', other, false],
    ['arn:*:sqs:us-east-2:111122223333:queue1', queue, true],
  ],
  'Resource: a wildcard inside a segment stays in it': [
    ['arn:aws:sqs:us*2:111122223333:queue1', queue, true],
    ['arn:aws:sqs:us*3:queue1', queue, false],
    ['arn:aws:sqs:us*1', queue, false],
    ['arn:aws:sqs:us-east-2?111122223333:queue1:x', queue, false],
    ['arn:aws:sqs:u*2:1*3:q*1', queue, true],
    ['arn:aws:sqs:u*2:1*4:q*1', queue, false],
  ],
  'Resource: a * at the end of a segment may go beyond it': [
    ['arn:aws:sqs:*', queue, true],
    ['arn:aws:sqs:us-*', queue, true],
    ['arn:aws:sqs:eu-*', queue, false],
    ['arn:aws:sns:*:*:tail', 'arn:aws:sns:us-east-1:111122223333:news:tail', true],
    ['arn:aws:sns:*:1*:tail', 'arn:aws:sns:us-east-1:111122223333:news:tail', true],
    ['arn:aws:sns:*:1*3:tail', 'arn:aws:sns:us-east-1:111122223333:news:tail', false],
    ['arn:aws:sns:us*1:*:tail', 'arn:aws:sns:us-east-1:111122223333:news:tail', true],
    ['arn:aws:sqs:us-east-2:*', queue, true],
  ],
  'Resource: in the last part colons and slashes are characters like others': [
    ['arn:aws:sns:*:*:news:*', 'arn:aws:sns:us-east-1:111122223333:news:0af1', true],
    ['arn:aws:sns:us-east-1:111122223333:n*1', 'arn:aws:sns:us-east-1:111122223333:news:0af1', true],
    ['arn:aws:sns:us-east-1:111122223333:news?0af1', 'arn:aws:sns:us-east-1:111122223333:news:0af1', true],
    ['arn:aws:s3:::bucket/*/test/*', 'arn:aws:s3:::bucket/1/test/object.jpg', true],
    ['arn:aws:s3:::bucket/*/test/*', 'arn:aws:s3:::bucket/1/2/test/object.jpg', true],
    ['arn:aws:s3:::bucket/*/test/*', 'arn:aws:s3:::bucket/1/2/test/3/object.jpg', true],
    ['arn:aws:s3:::bucket/*/test/*', 'arn:aws:s3:::bucket/1///test///object.jpg', true],
    ['arn:aws:s3:::bucket/*/test/*', 'arn:aws:s3:::bucket//test/object.jpg', true],
    ['arn:aws:s3:::bucket/*/test/*', 'arn:aws:s3:::bucket/1/test/', true],
    ['arn:aws:s3:::bucket/*/test/*', 'arn:aws:s3:::bucket/1-test/object.jpg', false],
    ['arn:aws:s3:::bucket/*/test/*', 'arn:aws:s3:::bucket/test/object.jpg', false],
    ['arn:aws:s3:::bucket/*/test/*', 'arn:aws:s3:::bucket/1/2/test.jpg', false],
    ['arn:aws:iam::111122223333:user/accounting/*', 'arn:aws:iam::111122223333:user/accounting/deep/ann', true],
    ['arn:aws:iam::111122223333:user/accounting/*', 'arn:aws:iam::111122223333:user/ann', false],
    ['arn:aws:iam::*:role/*', 'arn:aws:iam::111122223333:role/jobs/worker', true],
    ['arn:aws:iam::*:role/*', 'arn:aws:iam::111122223333:user/alice', false],
  ],
  'Resource: what an ARN lacks is completed by wildcards': [
    ['arn:aws:sqs', queue, true],
    ['arn:aws:sqs', other, false],
    ['arn:aws:sqs:us-east-2', queue, true],
    ['arn:aws:sqs:us-east-1', queue, false],
    ['arn:aws:sqs:us-east-2:111122223333', queue, true],
    ['arn:aws:sqs:us-east-2:444455556666', queue, false],
    ['arn:aws:sqs:*:queue1', queue, false],
  ],
  'Resource: one of a list is enough': [
    [[other, queue], queue, true],
    [[other, `${queue}2`], queue, false],
    [[other, 'arn:aws:sqs:*:*:queue?'], queue, true],
  ],
  'Resource: nothing else is a wildcard': [
    ['arn:aws:sqs:us-east-2:111122223333:queue[1]', queue, false],
    ['arn:aws:sqs:us-east-2:111122223333:.+', queue, false],
    ['arn:aws:sqs:us-east-2:111122223333:queue1|x', queue, false],
    ['arn:aws:sqs:us-east-2:111122223333:$', queue, false],
  ],
};

const said = { true: 'allowed identity', false: 'implicitDeny none' } as const;

for (const [rule, rows] of Object.entries(actions)) {
  describe(rule, () => {
    it.each(rows)('%j speaks of %s: %s', (pattern, action, matches) => {
      expect(outcome({ who: 'alice', action, identity: [allow({ Action: pattern })] })).toBe(said[`${matches}`]);
      expect(outcome({ who: 'alice', action, identity: [allow({ NotAction: pattern })] })).toBe(said[`${!matches}`]);
      const denied = outcome({ who: 'alice', action, identity: [allow(), deny({ Action: pattern })] });
      expect(denied).toBe(matches ? 'explicitDeny identity' : 'allowed identity');
    });
  });
}

for (const [rule, rows] of Object.entries(resources)) {
  describe(rule, () => {
    it.each(rows)('%j speaks of %s: %s', (pattern, resource, matches) => {
      expect(outcome({ who: 'alice', resource, identity: [allow({ Resource: pattern })] })).toBe(said[`${matches}`]);
      const inverse = [allow({ NotResource: pattern })];
      expect(outcome({ who: 'alice', resource, identity: inverse })).toBe(said[`${!matches}`]);
      const denied = outcome({ who: 'alice', resource, identity: [allow(), deny({ Resource: pattern })] });
      expect(denied).toBe(matches ? 'explicitDeny identity' : 'allowed identity');
    });
  });
}
