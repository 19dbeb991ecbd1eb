import { checkStatus, countedMessages } from '../load/answers.ts';
import { type Answer, Connection } from '../load/connection.ts';
import type { Totals } from '../load/job.ts';
import { countRequest, request } from '../load/requests.ts';
import type { RunningServer } from '../servers/launch.ts';

/** Longer than any run, so that nothing received comes back while messages are being counted. */
const visibilityTimeoutSeconds = 3_600;

let created = 0;

/** The queue of one run. Everything here happens outside the measured window, in the coordinating process. */
export class Queue {
  readonly url: string;
  readonly #running: RunningServer;

  private constructor(running: RunningServer, url: string) {
    this.#running = running;
    this.url = url;
  }

  static async create(running: RunningServer, { fifo = false, attributes = {} } = {}): Promise<Queue> {
    const input = {
      QueueName: `bench-${++created}${fifo ? '.fifo' : ''}`,
      Attributes: {
        VisibilityTimeout: String(visibilityTimeoutSeconds),
        ...(fifo && { FifoQueue: 'true' }),
        ...attributes,
      },
    };
    const answer = (await call(running.port, 'CreateQueue', input)) as { QueueUrl: string };
    return new Queue(running, answer.QueueUrl);
  }

  async delete(): Promise<void> {
    await call(this.#running.port, 'DeleteQueue', { QueueUrl: this.url });
  }

  async arn(): Promise<string> {
    const input = { QueueUrl: this.url, AttributeNames: ['QueueArn'] };
    const answer = (await call(this.#running.port, 'GetQueueAttributes', input)) as {
      Attributes: { QueueArn: string };
    };
    return answer.Attributes.QueueArn;
  }

  /** What was sent and not deleted must still be there, visible or in flight, and nothing besides. */
  verify(...parts: readonly Totals[]): Promise<void> {
    return Queue.verifyAll([this], ...parts);
  }

  /** The same of queues that have it among them. */
  static async verifyAll(queues: readonly Queue[], ...parts: readonly Totals[]): Promise<void> {
    const [first] = queues;
    if (first === undefined) return;
    const { server, port } = first.#running;
    const unbalanced = parts.find((totals) => totals.received !== totals.deleted);
    if (unbalanced !== undefined) throw new Error(`${unbalanced.received} received, ${unbalanced.deleted} deleted`);
    if (!server.keepsMessages) return;
    const expected = parts.reduce((left, totals) => left + totals.sent - totals.deleted, 0);
    const counts = await Promise.all(queues.map(({ url }) => countMessages(port, url)));
    const counted = counts.reduce((sum, count) => sum + count, 0);
    if (counted !== expected) throw new Error(`${expected} messages must be left, ${counted} are counted`);
  }
}

export async function countMessages(port: number, queueUrl: string): Promise<number> {
  return countedMessages(await ask(port, 'GetQueueAttributes', countRequest(port, queueUrl)));
}

export async function call(port: number, operation: string, input: object): Promise<unknown> {
  const answer = await ask(port, operation, request(port, operation, input));
  return answer.body === '' ? {} : JSON.parse(answer.body);
}

async function ask(port: number, operation: string, bytes: string): Promise<Answer> {
  const connection = await Connection.open(port);
  try {
    const answer = await connection.request(bytes);
    checkStatus(answer);
    return answer;
  } catch (error) {
    throw new Error(`${operation}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    connection.close();
  }
}
