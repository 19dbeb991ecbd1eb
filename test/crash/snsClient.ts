/** What the crash tests ask of SNS, over plain HTTP on the connections of the client of SQS. */
import { parseXml, type XmlElement } from '../conformance/xml.ts';
import type { SqsClient } from './sqsClient.ts';

export interface PublishEntry {
  readonly message: string;
  /** By name; one that is a number is of the type Number. */
  readonly attributes: Readonly<Record<string, string | number>>;
  /** To a FIFO topic. */
  readonly ids?: { readonly groupId: string; readonly deduplicationId: string };
}

export interface PublishAnswer {
  readonly messageId: string;
  /** Empty unless the topic is FIFO. */
  readonly sequence: string;
}

export interface SubscribeRequest {
  readonly topicArn: string;
  readonly protocol: 'sqs' | 'http';
  readonly endpoint: string;
  readonly attributes: Readonly<Record<string, string>>;
}

type Parameters = Record<string, string>;

export class SnsClient {
  readonly #client: SqsClient;

  constructor(client: SqsClient) {
    this.#client = client;
  }

  async createTopic(name: string, attributes: Readonly<Record<string, string>>): Promise<string> {
    return textAt(await this.#call('CreateTopic', { Name: name, ...entries('Attributes', attributes) }), 'TopicArn');
  }

  async subscribe({ topicArn, protocol, endpoint, attributes }: SubscribeRequest): Promise<void> {
    const parameters = { TopicArn: topicArn, Protocol: protocol, Endpoint: endpoint };
    await this.#call('Subscribe', { ...parameters, ...entries('Attributes', attributes) });
  }

  async confirm(topicArn: string, token: string): Promise<void> {
    await this.#call('ConfirmSubscription', { TopicArn: topicArn, Token: token });
  }

  async publish(topicArn: string, entry: PublishEntry): Promise<PublishAnswer> {
    return readAnswer(await this.#call('Publish', { TopicArn: topicArn, ...wireForm(entry, '') }));
  }

  /** All of them are taken; the answers are in their order. */
  async publishBatch(topicArn: string, batch: readonly PublishEntry[]): Promise<PublishAnswer[]> {
    const parameters: Parameters = { TopicArn: topicArn };
    for (const [index, entry] of batch.entries()) {
      const prefix = `PublishBatchRequestEntries.member.${index + 1}.`;
      Object.assign(parameters, { [`${prefix}Id`]: String(index) }, wireForm(entry, prefix));
    }
    const result = await this.#call('PublishBatch', parameters);
    const successful = childOf(result, 'Successful')?.children ?? [];
    const byId = new Map(successful.map((each) => [textAt(each, 'Id'), readAnswer(each)]));
    return batch.map((_, index) => {
      const answer = byId.get(String(index));
      if (answer === undefined) throw new Error(`entry ${index} of ${batch.length} was not taken`);
      return answer;
    });
  }

  async #call(action: string, parameters: Parameters): Promise<XmlElement> {
    const { status, text } = await this.#client.query({ Action: action, Version: '2010-03-31', ...parameters });
    if (status !== 200) throw new Error(`${action} was answered ${status} ${text}`);
    const result = childOf(parseXml(text), `${action}Result`);
    if (result === undefined) throw new Error(`${action} was answered ${text}`);
    return result;
  }
}

function wireForm({ message, attributes, ids }: PublishEntry, prefix: string): Parameters {
  const parameters: Parameters = { [`${prefix}Message`]: message };
  for (const [index, [name, value]] of Object.entries(attributes).entries()) {
    const at = `${prefix}MessageAttributes.entry.${index + 1}`;
    parameters[`${at}.Name`] = name;
    parameters[`${at}.Value.DataType`] = typeof value === 'number' ? 'Number' : 'String';
    parameters[`${at}.Value.StringValue`] = String(value);
  }
  if (ids !== undefined) {
    parameters[`${prefix}MessageGroupId`] = ids.groupId;
    parameters[`${prefix}MessageDeduplicationId`] = ids.deduplicationId;
  }
  return parameters;
}

function entries(name: string, map: Readonly<Record<string, string>>): Parameters {
  const pairs = Object.entries(map).flatMap(([key, value], index) => [
    [`${name}.entry.${index + 1}.key`, key],
    [`${name}.entry.${index + 1}.value`, value],
  ]);
  return Object.fromEntries(pairs);
}

function readAnswer(element: XmlElement): PublishAnswer {
  return { messageId: textAt(element, 'MessageId'), sequence: childOf(element, 'SequenceNumber')?.text ?? '' };
}

function childOf({ children }: XmlElement, name: string): XmlElement | undefined {
  return children.find((each) => each.name === name);
}

function textAt(element: XmlElement, name: string): string {
  const child = childOf(element, name);
  if (child === undefined) throw new Error(`an answer without ${name}`);
  return child.text;
}
