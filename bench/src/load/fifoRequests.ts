import { batchSize, jsonFrame } from './requests.ts';

/** Of fixed width, so that all requests of a job are of one length. */
const groupDigits = 7;
const messageDigits = 12;
const processDigits = 8;

/** Goes on from job to job, as a queue may be filled by several and takes a deduplication id only once in five minutes. */
let messages = 0;

export type Spreading = {
  readonly groups: number;
  readonly part: { readonly index: number; readonly of: number };
};

/** The group of the `count`th message of a part: all parts together go through the groups in turn. */
export function groupOf(count: number, { groups, part }: Spreading): string {
  return `g${String((count * part.of + part.index) % groups).padStart(groupDigits, '0')}`;
}

/** The next message's ids, as they stand in a request. */
function nextIds(spreading: Spreading): string {
  const count = messages++;
  const ownName = String(process.pid).padStart(processDigits, '0');
  const id = `${ownName}-${String(count).padStart(messageDigits, '0')}`;
  return `"MessageGroupId":"${groupOf(count, spreading)}","MessageDeduplicationId":"${id}"`;
}

/** Every request has ids of its own, so only what differs is put together per request. */
export function fifoSendRequests(port: number, queueUrl: string, body: string, spreading: Spreading): () => string {
  const input = `{"QueueUrl":${JSON.stringify(queueUrl)},"MessageBody":${JSON.stringify(body)},`;
  const frame = jsonFrame(port, 'SendMessage');
  return () => frame(`${input}${nextIds(spreading)}}`);
}

export function fifoSendBatchRequests(
  port: number,
  queueUrl: string,
  body: string,
  spreading: Spreading,
): () => string {
  const input = `{"QueueUrl":${JSON.stringify(queueUrl)},"Entries":[`;
  const message = `"MessageBody":${JSON.stringify(body)},`;
  const frame = jsonFrame(port, 'SendMessageBatch');
  return () => {
    let entries = '';
    for (let index = 0; index < batchSize; index++) {
      entries += `${index === 0 ? '' : ','}{"Id":"m${index}",${message}${nextIds(spreading)}}`;
    }
    return frame(`${input}${entries}]}`);
  };
}
