import { arnOf, awsAccount } from './arn.ts';
import type { PolicyRecord } from './records.ts';

/**
 * AWS's own managed policies, as far as they are about services that are here, and those that templates attach without
 * looking: an attachment to one that isn't here is refused. Ids are AWS's. What a policy says about other services
 * is left out, but for wildcards.
 */
interface AwsPolicy {
  readonly name: string;
  readonly path?: string;
  readonly id: string;
  readonly description: string;
  readonly createdAt: string;
  readonly version?: number;
  readonly statements: readonly object[];
}

const allow = (...actions: readonly string[]): object => ({ Effect: 'Allow', Action: actions, Resource: '*' });

const readOfQueues = [
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
  'sqs:ListDeadLetterSourceQueues',
  'sqs:ListQueues',
  'sqs:ListMessageMoveTasks',
  'sqs:ListQueueTags',
];
const readOfTopics = [
  'sns:CheckIfPhoneNumberIsOptedOut',
  'sns:GetDataProtectionPolicy',
  'sns:GetEndpointAttributes',
  'sns:GetPlatformApplicationAttributes',
  'sns:GetSMSAttributes',
  'sns:GetSMSSandboxAccountStatus',
  'sns:GetSubscriptionAttributes',
  'sns:GetTopicAttributes',
  'sns:List*',
];
const logs = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

const table: readonly AwsPolicy[] = [
  {
    name: 'AdministratorAccess',
    id: 'ANPAIWMBCKSKIEE64ZLYK',
    description: 'Provides full access to AWS services and resources.',
    createdAt: '2015-02-06T18:39:46Z',
    statements: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  },
  {
    name: 'PowerUserAccess',
    id: 'ANPAJYRXTHIB4FOVS3ZXS',
    description:
      'Provides full access to AWS services and resources, but does not allow management of Users and groups.',
    createdAt: '2015-02-06T18:39:47Z',
    version: 5,
    statements: [
      { Effect: 'Allow', NotAction: ['iam:*', 'organizations:*', 'account:*'], Resource: '*' },
      allow(
        'iam:CreateServiceLinkedRole',
        'iam:DeleteServiceLinkedRole',
        'iam:ListRoles',
        'organizations:DescribeOrganization',
      ),
    ],
  },
  {
    name: 'ReadOnlyAccess',
    id: 'ANPAILL3HVNFSB6DCOWYQ',
    description: 'Provides read-only access to AWS services and resources.',
    createdAt: '2015-02-06T18:39:48Z',
    statements: [
      allow(
        ...['iam:GenerateCredentialReport', 'iam:GenerateServiceLastAccessedDetails', 'iam:Get*', 'iam:List*'],
        ...['iam:SimulateCustomPolicy', 'iam:SimulatePrincipalPolicy', 'kms:Describe*', 'kms:Get*', 'kms:List*'],
        ...['sns:Check*', 'sns:Get*', 'sns:List*', 'sqs:Get*', 'sqs:List*', 'sqs:Receive*'],
        ...['sts:GetAccessKeyInfo', 'sts:GetCallerIdentity', 'sts:GetSessionToken'],
      ),
    ],
  },
  {
    name: 'IAMFullAccess',
    id: 'ANPAI7XKCFMBPM3QQRRVQ',
    description: 'Provides full access to IAM via the AWS Management Console.',
    createdAt: '2015-02-06T18:40:38Z',
    version: 2,
    statements: [allow('iam:*', 'organizations:DescribeAccount', 'organizations:DescribeOrganization')],
  },
  {
    name: 'IAMReadOnlyAccess',
    id: 'ANPAJKSO7NDY4T57MWDSQ',
    description: 'Provides read only access to IAM via the AWS Management Console.',
    createdAt: '2015-02-06T18:40:39Z',
    version: 4,
    statements: [
      allow(
        ...['iam:GenerateCredentialReport', 'iam:GenerateServiceLastAccessedDetails', 'iam:Get*', 'iam:List*'],
        ...['iam:SimulateCustomPolicy', 'iam:SimulatePrincipalPolicy'],
      ),
    ],
  },
  {
    name: 'AmazonSQSFullAccess',
    id: 'ANPAI65L554VRJ33ECQS6',
    description: 'Provides full access to Amazon SQS via the AWS Management Console.',
    createdAt: '2015-02-06T18:41:07Z',
    statements: [allow('sqs:*')],
  },
  {
    name: 'AmazonSQSReadOnlyAccess',
    id: 'ANPAIUGSSQY362XGCM6KW',
    description: 'Provides read only access to Amazon SQS via the AWS Management Console.',
    createdAt: '2015-02-06T18:41:08Z',
    version: 3,
    statements: [allow(...readOfQueues)],
  },
  {
    name: 'AmazonSNSFullAccess',
    id: 'ANPAJWEKLCXXUNT2SOLSG',
    description: 'Provides full access to Amazon SNS via the AWS Management Console.',
    createdAt: '2015-02-06T18:41:05Z',
    statements: [allow('sns:*')],
  },
  {
    name: 'AmazonSNSReadOnlyAccess',
    id: 'ANPAIZGQCQTFOFPMHSB6W',
    description: 'Provides read only access to Amazon SNS via the AWS Management Console.',
    createdAt: '2015-02-06T18:41:06Z',
    statements: [allow(...readOfTopics)],
  },
  {
    name: 'AWSKeyManagementServicePowerUser',
    id: 'ANPAJNPP7PPPPMJRV2SA4',
    description: 'Provides access to AWS Key Management Service (KMS).',
    createdAt: '2015-02-06T18:40:40Z',
    version: 2,
    statements: [
      allow(
        ...['kms:CreateAlias', 'kms:CreateKey', 'kms:DeleteAlias', 'kms:Describe*', 'kms:GenerateRandom', 'kms:Get*'],
        ...['kms:List*', 'kms:TagResource', 'kms:UntagResource', 'iam:ListGroups', 'iam:ListRoles', 'iam:ListUsers'],
      ),
    ],
  },
  {
    name: 'AWSLambdaBasicExecutionRole',
    path: '/service-role/',
    id: 'ANPAJNCQGXC42545SKXIK',
    description: 'Provides write permissions to CloudWatch Logs.',
    createdAt: '2015-04-09T15:03:43Z',
    statements: [allow(...logs)],
  },
  {
    name: 'AWSLambdaSQSQueueExecutionRole',
    path: '/service-role/',
    id: 'ANPAJFWJZI6JNND4TSELK',
    description:
      'Provides receive message, delete message, and read attribute access to SQS queues, and write permissions to CloudWatch logs.',
    createdAt: '2018-06-14T21:50:45Z',
    statements: [allow('sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', ...logs)],
  },
  {
    name: 'AmazonSNSRole',
    path: '/service-role/',
    id: 'ANPAJK5GQB7CIK7KHY2GA',
    description: 'Default policy for Amazon SNS service role.',
    createdAt: '2015-02-06T18:41:30Z',
    statements: [allow(...logs, 'logs:PutMetricFilter', 'logs:PutRetentionPolicy')],
  },
];

function recordOf({ name, path = '/', id, description, createdAt, version = 1, statements }: AwsPolicy): PolicyRecord {
  const at = Date.parse(createdAt);
  const versionId = `v${version}`;
  const document = JSON.stringify({ Version: '2012-10-17', Statement: statements }, undefined, 2);
  return {
    ...{ name, path, id, description, tags: {}, createdAt: at, updatedAt: at },
    ...{ defaultVersionId: versionId, nextVersion: version + 1 },
    versions: [{ versionId, document, createdAt: at }],
  };
}

/** By ARN, in the order of their names. */
export const awsPolicies: ReadonlyMap<string, PolicyRecord> = new Map(
  table
    .map(recordOf)
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map((record) => [arnOf('policy', awsAccount, record), record]),
);
