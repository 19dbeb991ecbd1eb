/** Which endpoints a topic's subscriptions may have, by protocol; the texts are AWS's where they are marked so. */
import { isFifoName, parseArn, parseQueueArn } from './arn.ts';
import { invalid, invalidParameter } from './errors.ts';
import type { Topic } from './topics.ts';

type CheckEndpoint = (endpoint: string) => string;

const checks: Readonly<Record<string, CheckEndpoint>> = {
  http: (endpoint) => checkUrl(endpoint, 'http://'),
  https: (endpoint) => checkUrl(endpoint, 'https://'),
  email: checkEmail,
  'email-json': checkEmail,
  sms: checkPhoneNumber,
  // aws: subscribe to sqs with queue url
  sqs: (endpoint) => {
    if (parseQueueArn(endpoint) === undefined) throw invalidParameter('SQS endpoint ARN');
    return endpoint;
  },
  application: (endpoint) => checkArnOf('sns', endpoint, 'ApplicationEndpoint ARN', 'endpoint/'),
  lambda: (endpoint) => checkArnOf('lambda', endpoint, 'Lambda endpoint ARN', 'function:'),
  firehose: (endpoint) => checkArnOf('firehose', endpoint, 'Firehose endpoint ARN', 'deliverystream/'),
};

/** Gives the endpoint as it is kept. */
export function checkEndpoint(topic: Topic, protocol: string, endpoint: string | undefined): string {
  const check = Object.hasOwn(checks, protocol) ? checks[protocol] : undefined;
  if (check === undefined) {
    throw invalidParameter(`Amazon SNS does not support this protocol string: ${protocol}`);
  }
  if (endpoint === undefined || endpoint === '') throw invalidParameter('Endpoint');
  const checked = check(endpoint);
  if (!topic.isFifo && protocol === 'sqs' && isFifoName(endpoint)) {
    // The repetition is AWS's.
    throw invalidParameter(
      'Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics',
    );
  }
  if (topic.isFifo && protocol !== 'sqs') {
    throw invalidParameter(`Protocol Reason: FIFO topics deliver to SQS queues only, not to ${protocol}`);
  }
  return checked;
}

function checkUrl(endpoint: string, scheme: string): string {
  if (!endpoint.startsWith(scheme)) throw invalidParameter('Endpoint must match the specified protocol');
  if (!URL.canParse(endpoint)) throw invalidParameter('Endpoint');
  return endpoint;
}

function checkEmail(endpoint: string): string {
  if (!/^[^\s@]+@[^\s@]+$/.test(endpoint)) throw invalidParameter('Email address');
  return endpoint;
}

/** E.164; measured: AWS takes signs between the digits, and drops them. */
function checkPhoneNumber(endpoint: string): string {
  const digits = endpoint.replaceAll(/[-./() ]/g, '');
  if (!/^\+?\d{5,15}$/.test(digits)) throw invalid(`Invalid SMS endpoint: ${endpoint}`);
  return digits;
}

function checkArnOf(service: string, endpoint: string, what: string, resource: string): string {
  const arn = parseArn(endpoint);
  if (arn?.service !== service || !arn.resource.startsWith(resource)) throw invalidParameter(what);
  return endpoint;
}

/** Whether the one who subscribes need not be asked whether it wants to: the endpoint is a resource of its own account. */
export function isConfirmedAtOnce(protocol: string, endpoint: string, accountId: string): boolean {
  if (protocol === 'sms' || protocol === 'application') return true;
  if (protocol === 'sqs' || protocol === 'lambda' || protocol === 'firehose') {
    return parseArn(endpoint)?.accountId === accountId;
  }
  return false;
}

/** What AWS delivers messages of more than 256 KiB to. */
export const largeMessageProtocols: readonly string[] = ['sqs', 'lambda', 'firehose'];
