/**
 * `kill -9`, again and again, of the real server while clients publish to a topic with 50 queues and 10 HTTP endpoints. What
 * is acknowledged is in every queue, once; what is not is in all queues or in none. Endpoints get what is acknowledged at
 * least once. The same with 250 queues: those are handed out bit by bit, so all of them have it a while after the start.
 *
 * POSTHORN_CRASH_ROUNDS asks for more rounds, POSTHORN_CRASH_SEED for the choices and moments of an earlier run.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { Prng } from '../../src/std/prng.ts';
import { Crew } from './crew.ts';
import { Lives } from './lives.ts';
import { expectEnough, runRounds } from './rounds.ts';
import { ConnectionLost } from './sqsClient.ts';

const rounds = Number(process.env.POSTHORN_CRASH_ROUNDS ?? 20);
const seed = Number(process.env.POSTHORN_CRASH_SEED ?? Date.now() % 1_000_000);
const account = '000000000000';
const topicArn = `arn:aws:sns:us-east-1:${account}:crash`;

let random: Prng;
let lives: Lives;
let queues: readonly string[];
let endpoints: number;
const published = new Set<string>();
const acknowledged = new Set<string>();
const ends: End[] = [];

/** An HTTP endpoint that outlives the servers; it confirms its subscription itself. */
class End {
  readonly got = new Map<string, number>();
  readonly #server: Server;
  #toConfirm: ((url: string) => void) | undefined;
  readonly confirmation = new Promise<string>((resolve) => {
    this.#toConfirm = resolve;
  });

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      // A server that was killed sends no end: that was no message.
      request.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
        if (body.Type === 'Notification') this.got.set(body.Message ?? '', (this.got.get(body.Message ?? '') ?? 0) + 1);
        else this.#toConfirm?.(body.SubscribeURL ?? '');
        response.end();
      });
      request.on('error', () => undefined);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

afterEach(() => {
  for (const end of ends.splice(0)) end.close();
  published.clear();
  acknowledged.clear();
});

test.each([
  [50, 10, rounds],
  [250, 0, Math.ceil(rounds / 3)],
])(
  `kill -9 during fan-outs to %d queues and %d endpoints, %d rounds, parts no message (seed ${seed})`,
  async (queueCount, endpointCount, rounds) => {
    process.stdout.write(`POSTHORN_CRASH_SEED=${seed} POSTHORN_CRASH_ROUNDS=${rounds}\n`);
    random = new Prng(seed);
    lives = new Lives(random);
    queues = Array.from({ length: queueCount }, (_, index) => `queue-${index}`);
    endpoints = endpointCount;
    await setUp();
    const evidence = () => ({ acknowledged: [acknowledged.size, rounds * 2] as const });
    await runRounds({ seed, rounds, evidence }, async () => {
      if (random.chance(0.1)) await lives.dieAtStart();
      else await lives.live([5, 30, 80], ({ endpoint }, onAnswer) => publishUntilGone(endpoint, onAnswer));
    });
    await judge();
    expectEnough(evidence());
  },
  240_000 + rounds * 5_000,
);

async function setUp(): Promise<void> {
  const server = lives.start();
  const endpoint = await server.endpoint();
  await call(endpoint, 'CreateTopic', { Name: 'crash' });
  for (const queue of queues) {
    await call(endpoint, 'CreateQueue', { QueueName: queue }, '2012-11-05');
    const raw = { 'Attributes.entry.1.key': 'RawMessageDelivery', 'Attributes.entry.1.value': 'true' };
    const arn = `arn:aws:sqs:us-east-1:${account}:${queue}`;
    await call(endpoint, 'Subscribe', { TopicArn: topicArn, Protocol: 'sqs', Endpoint: arn, ...raw });
  }
  for (let index = 0; index < endpoints; index += 1) {
    const end = new End();
    ends.push(end);
    await call(endpoint, 'Subscribe', { TopicArn: topicArn, Protocol: 'http', Endpoint: await end.listen() });
    const answer = await fetch(await end.confirmation);
    expect(answer.status).toBe(200);
  }
  await server.kill();
}

async function publishUntilGone(endpoint: string, onAnswer: () => void): Promise<void> {
  const crew = new Crew(onAnswer);
  crew.add(6, async () => {
    const message = `message ${published.size}`;
    published.add(message);
    await call(endpoint, 'Publish', { TopicArn: topicArn, Message: message });
    acknowledged.add(message);
  });
  await crew.run();
}

async function judge(): Promise<void> {
  const server = lives.start();
  const endpoint = await server.endpoint();
  const last = queues.at(-1) ?? '';
  // Queues get theirs in turn, so what the last of them has all have.
  await vi.waitFor(
    async () => {
      const there = new Set(await bodiesIn(endpoint, last));
      expect([...acknowledged].filter((message) => !there.has(message))).toEqual([]);
    },
    { timeout: 60_000, interval: 100 },
  );
  // One that was stored and not acknowledged may still be on its way.
  const holders = await vi.waitFor(
    async () => {
      const found = await holdersAt(endpoint);
      const parted = [...found].filter(([, count]) => count !== queues.length);
      expect(parted, 'in all queues or in none').toEqual([]);
      return found;
    },
    { timeout: 60_000, interval: 100 },
  );
  expect(
    [...acknowledged].filter((message) => !holders.has(message)),
    'no acknowledged one is lost',
  ).toEqual([]);
  expect(
    [...holders.keys()].filter((message) => !published.has(message)),
    'nothing is made up',
  ).toEqual([]);
  for (const [index, end] of ends.entries()) {
    const missing = () => [...holders.keys()].filter((message) => !end.got.has(message));
    await vi.waitFor(() => expect(missing(), `endpoint ${index}`).toEqual([]), { timeout: 90_000, interval: 100 });
    expect([...end.got.keys()].filter((message) => !holders.has(message))).toEqual([]);
  }
  const twice = ends.reduce((sum, { got }) => sum + [...got.values()].filter((count) => count > 1).length, 0);
  process.stdout.write(`${JSON.stringify({ published: published.size, acknowledged: acknowledged.size, twice })}\n`);
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
}

/** In how many queues each message is. */
async function holdersAt(endpoint: string): Promise<Map<string, number>> {
  const holders = new Map<string, number>();
  for (const queue of queues) {
    const bodies = await bodiesIn(endpoint, queue);
    expect(new Set(bodies).size, `${queue} has nothing twice`).toBe(bodies.length);
    for (const body of bodies) holders.set(body, (holders.get(body) ?? 0) + 1);
  }
  return holders;
}

/** All that the queue holds, without receiving it. */
async function bodiesIn(endpoint: string, queue: string): Promise<string[]> {
  const bodies: string[] = [];
  let next = '';
  do {
    const path = `/_posthorn/queues/${account}/${queue}/messages?limit=1000${next && `&next=${encodeURIComponent(next)}`}`;
    const page = (await (await fetch(endpoint + path)).json()) as { messages: { body: string }[]; next?: string };
    bodies.push(...page.messages.map(({ body }) => body));
    next = page.next ?? '';
  } while (next !== '');
  return bodies;
}

async function call(
  endpoint: string,
  Action: string,
  parameters: Record<string, string>,
  Version = '2010-03-31',
): Promise<void> {
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(endpoint, { method: 'POST', body: new URLSearchParams({ Action, Version, ...parameters }) });
    text = await answer.text();
  } catch {
    throw new ConnectionLost(`${Action} got no answer`);
  }
  if (!answer.ok) throw new Error(`${Action} was answered ${answer.status} ${text}`);
}
