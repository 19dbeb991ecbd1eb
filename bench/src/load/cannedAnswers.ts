import { createHash } from 'node:crypto';
import { batchSize, messageBody } from './requests.ts';

export type CannedAnswers = {
  readonly md5: string;
  readonly send: string;
  readonly sendBatch: string;
  readonly receive: string;
  readonly receiveOne: string;
  readonly deleteBatch: string;
  /** A publish, and the topic that it went to. */
  readonly publish: string;
};

const messageId = '219f8380-5770-4cc2-8c3e-5c715e145f5e';
const receiptHandle = 'AQEBaZ+j5qUoOAoxlmrCQPkBm9njMWXqemmIG6shMHCO6fV20JrQYg/AiZ8JELwLwOu5U61W+aIX5Qzu7GGofxJuvz';

/** The bytes that a server would answer with; those who only echo them have nothing left to do but HTTP. */
export function cannedAnswers(bodyBytes: number): CannedAnswers {
  const body = messageBody(bodyBytes);
  const md5 = bodyMd5(bodyBytes);
  const message = { MessageId: messageId, ReceiptHandle: receiptHandle, MD5OfBody: md5, Body: body };
  const entries = Array.from({ length: batchSize }, (_, index) => `m${index}`);
  const sent = entries.map((id) => ({ Id: id, MessageId: messageId, MD5OfMessageBody: md5 }));
  return {
    md5,
    send: JSON.stringify({ MD5OfMessageBody: md5, MessageId: messageId }),
    sendBatch: JSON.stringify({ Successful: sent, Failed: [] }),
    receive: JSON.stringify({ Messages: entries.map(() => message) }),
    receiveOne: JSON.stringify({ Messages: [message] }),
    deleteBatch: JSON.stringify({ Successful: entries.map((id) => ({ Id: id })), Failed: [] }),
    publish:
      `<PublishResponse><PublishResult><MessageId>${messageId}</MessageId></PublishResult>` +
      `<TopicArn>arn:aws:sns:us-east-1:000000000000:canned</TopicArn></PublishResponse>`,
  };
}

export function bodyMd5(bodyBytes: number): string {
  return createHash('md5').update(messageBody(bodyBytes)).digest('hex');
}
