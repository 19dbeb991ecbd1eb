import { checkStatus } from '../load/answers.ts';
import { Connection } from '../load/connection.ts';
import type { Totals } from '../load/job.ts';
import { formRequest } from '../load/requests.ts';
import type { RunningServer } from '../servers/launch.ts';
import { countMessages, Queue } from './queue.ts';

/** Setting up thousands of queues one after the other would take longer than all that is measured. */
const atOnce = 16;

/** Where policies decide, a queue says that topics may send to it. */
const takesFromTopics = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' },
  ],
});

let created = 0;

/** The topic of one run and the queues that are subscribed to it. */
export class Topic {
  readonly arn: string;
  readonly queues: readonly Queue[];
  readonly #running: RunningServer;

  private constructor(running: RunningServer, arn: string, queues: readonly Queue[]) {
    this.#running = running;
    this.arn = arn;
    this.queues = queues;
  }

  /** `filterPolicy`: of the subscription of this index; all get everything without. */
  static async create(
    running: RunningServer,
    subscriptions: number,
    filterPolicy?: (index: number) => object,
  ): Promise<Topic> {
    const answer = await form(running.port, 'CreateTopic', { Name: `bench-topic-${++created}` });
    const isEnforcing = running.server.checksSignatures === true;
    const arn = /<TopicArn>(.+)<\/TopicArn>/.exec(answer)?.[1];
    if (arn === undefined) throw new Error(`CreateTopic: ${answer.slice(0, 200)}`);
    const queues = await inParallel(Array.from({ length: subscriptions }), async (_, index) => {
      const queue = await Queue.create(running, isEnforcing ? { attributes: { Policy: takesFromTopics } } : {});
      await form(running.port, 'Subscribe', {
        TopicArn: arn,
        Protocol: 'sqs',
        Endpoint: await queue.arn(),
        ...(filterPolicy !== undefined && {
          'Attributes.entry.1.key': 'FilterPolicy',
          'Attributes.entry.1.value': JSON.stringify(filterPolicy(index)),
        }),
      });
      return queue;
    });
    return new Topic(running, arn, queues);
  }

  /** What was published must be in the queues, and nothing besides; a server may promise copies, and be on its way with them. */
  async verify({ copies }: Totals): Promise<void> {
    if (!this.#running.server.keepsMessages) return;
    let counted = -1;
    for (let before = -2; counted !== copies && counted !== before; ) {
      before = counted;
      const counts = await inParallel(this.queues, ({ url }) => countMessages(this.#running.port, url));
      counted = counts.reduce((sum, count) => sum + count, 0);
    }
    if (counted !== copies) throw new Error(`${copies} messages must be in the queues, they count ${counted}`);
  }

  async delete(): Promise<void> {
    await form(this.#running.port, 'DeleteTopic', { TopicArn: this.arn });
    await inParallel(this.queues, (queue) => queue.delete());
  }
}

async function form(port: number, action: string, input: Readonly<Record<string, string>>): Promise<string> {
  const connection = await Connection.open(port);
  try {
    const answer = await connection.request(formRequest(port, action, input));
    checkStatus(answer);
    return answer.body;
  } catch (error) {
    throw new Error(`${action}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    connection.close();
  }
}

async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const rest = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of rest) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
