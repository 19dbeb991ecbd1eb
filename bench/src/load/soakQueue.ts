import { hash } from 'node:crypto';
import type { Answer } from './connection.ts';
import { type Frame, jsonFrame } from './requests.ts';
import { bodyOf, labelOf } from './soakBodies.ts';
import type { SoakFifoLedger } from './soakFifoLedger.ts';
import type { Findings } from './soakFindings.ts';
import type { SoakLedger } from './soakLedger.ts';

export type Received = { readonly label: readonly number[]; readonly receiptHandle: string };

type ReceivedMessage = { readonly Body: string; readonly ReceiptHandle: string };

/** What is sent: a body, and of a FIFO queue its group; the label is unique and serves as deduplication id. */
export type Sending = { readonly label: string; readonly group?: number };

export type Sent = { readonly bytes: string; readonly digests: readonly string[] };

/** Requests to one queue of a soak, and what their answers say; a ledger judges them. */
export class SoakQueue {
  readonly name: string;
  readonly findings: Findings;
  readonly #queueUrl: string;
  readonly #frames: (operation: string) => Frame;

  constructor(name: string, port: number, queueUrl: string, findings: Findings) {
    this.name = name;
    this.findings = findings;
    this.#queueUrl = JSON.stringify(queueUrl);
    const frames = new Map<string, Frame>();
    this.#frames = (operation) => {
      const known = frames.get(operation) ?? jsonFrame(port, operation);
      frames.set(operation, known);
      return known;
    };
  }

  send(messages: readonly Sending[]): Sent {
    const bodies = messages.map(({ label }) => bodyOf(label));
    const entries = messages.map(({ label, group }, index) => {
      const ids = group === undefined ? '' : `,"MessageGroupId":"g${group}","MessageDeduplicationId":"${label}"`;
      return `"MessageBody":"${bodies[index]}"${ids}`;
    });
    const bytes =
      entries.length === 1 ? this.#request('SendMessage', entries[0] ?? '') : this.#batch('SendMessageBatch', entries);
    return { bytes, digests: bodies.map((body) => hash('md5', body)) };
  }

  /** Whether all of it was taken, with these MD5s. */
  checkSent(answer: Answer, { digests }: Sent): boolean {
    if (!this.#isRight(answer, 'a send')) return false;
    const isComplete = digests.every((digest) => answer.body.includes(digest)) && !answer.body.includes('"Failed":[{');
    if (!isComplete) this.findings.add('refused', `${this.name}, a send: ${answer.body.slice(0, 200)}`);
    return isComplete;
  }

  receive(visibilitySeconds: number, waitSeconds: number, attemptId?: string): string {
    const attempt = attemptId === undefined ? '' : `,"ReceiveRequestAttemptId":"${attemptId}"`;
    return this.#request(
      'ReceiveMessage',
      `"MaxNumberOfMessages":10,"VisibilityTimeout":${visibilitySeconds},"WaitTimeSeconds":${waitSeconds}${attempt}`,
    );
  }

  /** The messages of an answer. */
  received(answer: Answer): Received[] {
    if (!this.#isRight(answer, 'a receive')) return [];
    const { Messages = [] } = JSON.parse(answer.body) as { Messages?: ReceivedMessage[] };
    return Messages.flatMap(({ Body, ReceiptHandle }) => {
      const label = labelOf(Body)?.split('.') ?? [];
      if (label[0] === this.name) return [{ label: label.slice(1).map(Number), receiptHandle: ReceiptHandle }];
      this.findings.add('altered', `${this.name} gave ${Body.slice(0, 100)}`);
      return [];
    });
  }

  delete(messages: readonly Received[]): string {
    const [first] = messages;
    if (first !== undefined && messages.length === 1) return this.#request('DeleteMessage', receipt(first));
    return this.#batch('DeleteMessageBatch', messages.map(receipt));
  }

  changeVisibility(messages: readonly Received[], seconds: number): string {
    const entries = messages.map((message) => `${receipt(message)},"VisibilityTimeout":${seconds}`);
    if (entries.length === 1) return this.#request('ChangeMessageVisibility', entries[0] ?? '');
    return this.#batch('ChangeMessageVisibilityBatch', entries);
  }

  /** Whether deletes, or changes of visibility, were carried out. */
  checkDone(answer: Answer, what: string): boolean {
    if (!this.#isRight(answer, what)) return false;
    const isComplete = !answer.body.includes('"SenderFault"');
    if (!isComplete) this.findings.add('refused', `${this.name}, ${what}: ${answer.body.slice(0, 200)}`);
    return isComplete;
  }

  #isRight({ status, body }: Answer, what: string): boolean {
    if (status === 200) return true;
    this.findings.add('refused', `${this.name}, ${what}: ${status} ${body.slice(0, 200)}`);
    return false;
  }

  #request(operation: string, members: string): string {
    return this.#frames(operation)(`{"QueueUrl":${this.#queueUrl},${members}}`);
  }

  #batch(operation: string, entries: readonly string[]): string {
    const all = entries.map((entry, index) => `{"Id":"m${index}",${entry}}`);
    return this.#request(operation, `"Entries":[${all.join(',')}]`);
  }
}

/** A queue of the soak and who judges it. */
export type StandardTarget = { readonly kind: 'standard'; readonly queue: SoakQueue; readonly ledger: SoakLedger };
export type FifoTarget = {
  readonly kind: 'fifo';
  readonly queue: SoakQueue;
  readonly ledger: SoakFifoLedger;
  readonly groups: number;
};
export type SoakTarget = StandardTarget | FifoTarget;

function receipt({ receiptHandle }: Received): string {
  return `"ReceiptHandle":"${receiptHandle}"`;
}
