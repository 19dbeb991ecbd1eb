/**
 * Inputs and outputs of SQS in the Query protocol, by the names that clients from before 2023 use: lists and maps are
 * flattened, each under a name of its own (`SendMessageBatchRequestEntry.1.Id`). Written by hand, not from the server's
 * contract: a mistake there must not pass here.
 */
import type { Input, Output } from './client.ts';
import type { XmlElement } from './xml.ts';

const listNames: Readonly<Record<string, string>> = {
  AttributeNames: 'AttributeName',
  MessageAttributeNames: 'MessageAttributeName',
  MessageSystemAttributeNames: 'MessageSystemAttributeName',
  TagKeys: 'TagKey',
  AWSAccountIds: 'AWSAccountId',
  Actions: 'ActionName',
  StringListValues: 'StringListValue',
  BinaryListValues: 'BinaryListValue',
};

const mapNames: Readonly<Record<string, readonly [name: string, key: string, value: string]>> = {
  Attributes: ['Attribute', 'Name', 'Value'],
  MessageAttributes: ['MessageAttribute', 'Name', 'Value'],
  MessageSystemAttributes: ['MessageSystemAttribute', 'Name', 'Value'],
  Tags: ['Tag', 'Key', 'Value'],
  tags: ['Tag', 'Key', 'Value'],
};

export function encodeQuery(operation: string, input: Input): URLSearchParams {
  const parameters = new URLSearchParams({ Action: operation, Version: '2012-11-05' });
  const add = (prefix: string, name: string, value: unknown): void => {
    const map = mapNames[name];
    if (value === undefined) return;
    if (value instanceof Uint8Array) parameters.append(prefix + name, Buffer.from(value).toString('base64'));
    else if (typeof value !== 'object' || value === null) parameters.append(prefix + name, String(value));
    // SDKs write an empty list under the member's own name, and an empty map not at all.
    else if (Array.isArray(value) && value.length === 0) parameters.append(prefix + name, '');
    else if (Array.isArray(value)) {
      const element = name === 'Entries' ? `${operation}RequestEntry` : (listNames[name] ?? name);
      for (const [index, each] of value.entries()) addValue(`${prefix}${element}.${index + 1}`, each);
    } else if (map !== undefined) {
      for (const [index, [key, each]] of Object.entries(value).entries()) {
        const at = `${prefix}${map[0]}.${index + 1}`;
        parameters.append(`${at}.${map[1]}`, key);
        addValue(`${at}.${map[2]}`, each);
      }
    } else addValue(prefix + name, value);
  };
  const addValue = (at: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) add('', at, value);
    else for (const [name, each] of Object.entries(value)) add(`${at}.`, name, each);
  };
  for (const [name, value] of Object.entries(input)) add('', name, value);
  return parameters;
}

/** Children that occur once are members; these are elements of a list or a map. */
const gathered: Readonly<Record<string, string>> = {
  Message: 'Messages',
  BatchResultErrorEntry: 'Failed',
  SendMessageBatchResultEntry: 'Successful',
  DeleteMessageBatchResultEntry: 'Successful',
  ChangeMessageVisibilityBatchResultEntry: 'Successful',
  ListMessageMoveTasksResultEntry: 'Results',
  Attribute: 'Attributes',
  MessageAttribute: 'MessageAttributes',
  Tag: 'Tags',
};

/** `QueueUrl` is one queue elsewhere. */
const gatheredUrls: Readonly<Record<string, string>> = {
  ListQueuesResult: 'QueueUrls',
  ListDeadLetterSourceQueuesResult: 'queueUrls',
};

/** The result of an answer, in the form that the JSON protocol gives it. */
export function decodeResult(result: XmlElement): Output {
  const urls = gatheredUrls[result.name];
  return readStructure(result, urls === undefined ? gathered : { ...gathered, QueueUrl: urls });
}

function readStructure(element: XmlElement, lists: Readonly<Record<string, string>>): Output {
  const target: Record<string, unknown> = {};
  for (const child of element.children) {
    const name = lists[child.name];
    // The text of a failure in a batch has the name of a list elsewhere.
    if (name === undefined || (element.name === 'BatchResultErrorEntry' && child.name === 'Message')) {
      target[child.name] = readScalar(child);
    } else if (/^(Attribute|MessageAttribute|Tag)$/.test(child.name)) {
      target[name] = { ...(target[name] as object | undefined), ...readEntry(child) };
    } else {
      target[name] ??= [];
      (target[name] as unknown[]).push(child.children.length > 0 ? readStructure(child, lists) : child.text);
    }
  }
  return target as Output;
}

/** XML has no types; all other numbers of SQS are texts in JSON, too. */
const numbers = new Set([
  'MaxNumberOfMessagesPerSecond',
  'ApproximateNumberOfMessagesMoved',
  'ApproximateNumberOfMessagesToMove',
  'StartedTimestamp',
]);

function readScalar(element: XmlElement): unknown {
  if (element.children.length > 0) return readStructure(element, gathered);
  if (numbers.has(element.name)) return Number(element.text);
  return element.name === 'SenderFault' ? element.text === 'true' : element.text;
}

function readEntry({ children: [key, value] }: XmlElement): Record<string, unknown> {
  if (key === undefined || value === undefined) throw new Error('An entry of a map without its key or value');
  return { [key.text]: readScalar(value) };
}
