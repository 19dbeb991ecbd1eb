import type { Answer } from './connection.ts';

/**
 * Checks of every single answer, by searching its text: parsing ten kibibytes of JSON per request would cost the
 * generator more than the rest of its work. All bodies of a run are the same, so their MD5 proves that a message came
 * through whole, and counting it counts the messages.
 */
export function checkSent(answer: Answer, messages: number, md5: string): void {
  checkStatus(answer);
  if (occurrences(answer.body, md5) !== messages)
    throw new Error(`${messages} sent, but the answer is ${shown(answer)}`);
}

export function checkPublished(answer: Answer): void {
  checkStatus(answer);
  if (!answer.body.includes('<MessageId>')) throw new Error(`published, but the answer is ${shown(answer)}`);
}

export function checkDeleted(answer: Answer, messages: number): void {
  checkStatus(answer);
  const complete = occurrences(answer.body, '"Id"') === messages && !answer.body.includes('"SenderFault"');
  if (!complete) throw new Error(`${messages} to delete, but the answer is ${shown(answer)}`);
}

/** The receipt handles of the messages in an answer, each of which must carry the expected body. */
export function receiptHandles(answer: Answer, md5: string): string[] {
  checkStatus(answer);
  const handles: string[] = [];
  const text = answer.body;
  const key = '"ReceiptHandle"';
  for (let at = text.indexOf(key); at >= 0; at = text.indexOf(key, at)) {
    const start = text.indexOf('"', at + key.length) + 1;
    const end = text.indexOf('"', start);
    handles.push(text.slice(start, end));
    at = end;
  }
  if (occurrences(text, md5) !== handles.length) throw new Error(`a received body differs: ${shown(answer)}`);
  return handles;
}

/** The messages of a queue, as `countRequest` asked for them. */
export function countedMessages(answer: Answer): number {
  checkStatus(answer);
  const { Attributes } = JSON.parse(answer.body) as { Attributes: Record<string, string> };
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
}

export function checkStatus(answer: Answer): void {
  if (answer.status !== 200) throw new Error(shown(answer));
}

function shown(answer: Answer): string {
  return `${answer.status}: ${answer.body.slice(0, 200)}`;
}

function occurrences(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++;
  return count;
}
