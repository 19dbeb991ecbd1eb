/** The commands as a person types them, against a server over a socket. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/commandLine.ts';
import { type PosthornServer, startPosthorn } from '../../src/server.ts';
import { fakeIo } from './fakeIo.ts';
import { type TypedOptions, typed } from './typed.ts';

let server: PosthornServer;
let queueCount = 0;

beforeAll(async () => {
  server = await startPosthorn({ port: 0, memory: true });
});
afterAll(() => server.close());

/** Further options are those of the process. */
const posthorn = (words: readonly string[], options: TypedOptions = {}) =>
  typed(words, { env: { POSTHORN_ENDPOINT: server.endpoint }, ...options });

async function sqs<Output>(operation: string, input: object): Promise<Output> {
  const answer = await fetch(server.endpoint, {
    method: 'POST',
    body: JSON.stringify(input),
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` },
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Output;
}

/** A queue of its own for each test. */
async function newQueue(name = `queue-${++queueCount}`, attributes: Record<string, string> = {}): Promise<string> {
  await sqs('CreateQueue', { QueueName: name, Attributes: attributes });
  return name;
}

/** Where nobody listens, for somebody just has. */
async function closedEndpoint(): Promise<string> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  return `http://127.0.0.1:${port}`;
}

async function sendAll(queue: string, bodies: readonly string[], more: object = {}): Promise<void> {
  for (const body of bodies) await sqs('SendMessage', { QueueUrl: queue, MessageBody: body, ...more });
}

async function bodiesIn(queue: string): Promise<string[]> {
  const { printed } = await posthorn(['peek', queue, '--json']);
  return JSON.parse(printed).map(({ body }: { body: string }) => body);
}

describe('posthorn queues', () => {
  it('lists them in columns, with what they hold', async () => {
    const name = await newQueue('listed-a');
    await newQueue('listed-a-longer-name');
    await sendAll(name, ['1', '2', '3']);
    await sendAll(name, ['4'], { DelaySeconds: 900 });
    await posthorn(['receive', name, '--max', '1']);
    const { printed, exitCode } = await posthorn(['queues', 'listed-a']);
    expect(exitCode).toBe(0);
    expect(printed).toBe(
      [
        'QUEUE                 VISIBLE  IN FLIGHT  DELAYED  DEAD LETTERS TO',
        'listed-a                    2          1        1',
        'listed-a-longer-name        0          0        0',
        '',
      ].join('\n'),
    );
  });

  it('says where dead letters go', async () => {
    await newQueue('dead-target');
    const arn = 'arn:aws:sqs:us-east-1:000000000000:dead-target';
    await newQueue('dead-source', { RedrivePolicy: `{"deadLetterTargetArn":"${arn}","maxReceiveCount":5}` });
    const { printed } = await posthorn(['queues', 'dead-source']);
    expect(printed).toContain('dead-target after 5');
  });

  it('prints JSON for programs', async () => {
    await newQueue('listed-json.fifo', { FifoQueue: 'true' });
    const { printed } = await posthorn(['queues', 'listed-json', '--json']);
    expect(JSON.parse(printed)).toEqual([
      {
        ...{ accountId: '000000000000', region: 'us-east-1', name: 'listed-json.fifo', fifo: true },
        ...{ visible: 0, inFlight: 0, delayed: 0, createdAt: expect.stringMatching(/^20\d\d-.*Z$/) },
      },
    ]);
  });

  it('says so where there are none', async () => {
    const { printed, errors, exitCode } = await posthorn([
      'queues',
      '--region',
      'eu-west-1',
      '--account-id',
      '123456789012',
    ]);
    expect([exitCode, printed, errors]).toEqual([0, '', 'There are no queues here.\n']);
    expect((await posthorn(['queues', 'nothing-like'])).errors).toBe(
      'There are no queues that begin with nothing-like here.\n',
    );
  });

  it('lists more queues than a page holds', async () => {
    const names = Array.from({ length: 1005 }, (_, index) => `many-${String(index).padStart(4, '0')}`);
    await Promise.all(names.map((name) => newQueue(name)));
    const { printed } = await posthorn(['queues', 'many-', '--json']);
    expect(JSON.parse(printed).map(({ name }: { name: string }) => name)).toEqual(names);
  });
});

describe('posthorn send', () => {
  it('sends a body, and prints the id of the message', async () => {
    const queue = await newQueue();
    const { printed, exitCode } = await posthorn(['send', queue, 'Hello, world']);
    expect(exitCode).toBe(0);
    expect(printed).toMatch(/^[0-9a-f-]{36}\n$/);
    expect(await bodiesIn(queue)).toEqual(['Hello, world']);
  });

  it('takes the queue by its URL, too', async () => {
    const queue = await newQueue();
    const { exitCode } = await posthorn(['send', `http://elsewhere.example/000000000000/${queue}`, 'x']);
    expect(exitCode).toBe(0);
    expect((await posthorn(['send', 'http://elsewhere.example/queue', 'x'])).errors).toContain('/<account>/<queue>');
  });

  it('reads standard input, without its last line break', async () => {
    const queue = await newQueue();
    await posthorn(['send', queue], { input: 'a\nb\n' });
    await posthorn(['send', queue, '-'], { input: 'c\n\n' });
    await posthorn(['send', queue, '--', '--not-a-flag']);
    expect(await bodiesIn(queue)).toEqual(['a\nb', 'c\n', '--not-a-flag']);
  });

  it('refuses a body that is none', async () => {
    const queue = await newQueue();
    expect(await posthorn(['send', queue])).toMatchObject({
      exitCode: 2,
      errors: expect.stringContaining('has no body'),
    });
    const bytes = Uint8Array.of(0x66, 0xff);
    expect((await posthorn(['send', queue], { input: bytes })).errors).toContain('not UTF-8');
    expect((await posthorn(['send', queue], { input: '' })).errors).toContain('must contain the parameter MessageBody');
    expect(await bodiesIn(queue)).toEqual([]);
  });

  it('sends attributes of every type, and a delay', async () => {
    const queue = await newQueue();
    const attributes = [
      '--attribute',
      'kind=a=b',
      '--attribute',
      'price:Number=12',
      '--attribute',
      'logo:Binary.png=AQI=',
    ];
    const sent = await posthorn(['send', queue, 'x', ...attributes, '--delay', '60', '--group', 'g', '--json']);
    expect(JSON.parse(sent.printed)).toMatchObject({ MD5OfMessageBody: '9dd4e461268c8034f5c8564e155c67a6' });
    const { printed } = await posthorn(['peek', queue, '--json']);
    expect(JSON.parse(printed)).toMatchObject([
      {
        attributes: {
          kind: { DataType: 'String', StringValue: 'a=b' },
          price: { DataType: 'Number', StringValue: '12' },
          logo: { DataType: 'Binary.png', BinaryValue: 'AQI=' },
        },
        state: 'delayed',
        groupId: 'g',
      },
    ]);
  });

  it('sends to FIFO queues', async () => {
    const queue = await newQueue(`fifo-${++queueCount}.fifo`, { FifoQueue: 'true' });
    const first = await posthorn(['send', queue, 'x', '--group', 'g', '--dedup-id', 'd', '--json']);
    const again = await posthorn(['send', queue, 'y', '--group', 'g', '--dedup-id', 'd', '--json']);
    const { MessageId, SequenceNumber } = JSON.parse(first.printed);
    expect(SequenceNumber).toMatch(/^\d{20}$/);
    expect(JSON.parse(again.printed).MessageId).toBe(MessageId);
    const { printed } = await posthorn(['peek', queue, '--json']);
    expect(JSON.parse(printed)).toMatchObject([
      { messageId: MessageId, groupId: 'g', deduplicationId: 'd', sequenceNumber: SequenceNumber, body: 'x' },
    ]);
    const refused = await posthorn(['send', queue, 'x']);
    expect(refused.exitCode).toBe(6);
    expect(refused.errors).toMatch(/^\w+: .*MessageGroupId/);
  });

  it.each([
    ['--attribute=novalue', '--attribute is "novalue", but must be <name>=<value> or <name>:<type>=<value>.'],
    ['--delay=901', '--delay is "901", but must be a whole number from 0 to 900.'],
    ['--gruop=x', '--gruop is not a flag of posthorn send. Did you mean --group?'],
    ['more', '"more" is not expected here: posthorn send <queue> [body] [flags]. Words with spaces need quotes.'],
  ])('refuses %s', async (word, sentence) => {
    expect(await posthorn(['send', 'any', 'x', word])).toMatchObject({ exitCode: 2, errors: `${sentence}\n` });
  });
});

describe('posthorn receive', () => {
  it('shows messages in columns that fit the window', async () => {
    const queue = await newQueue();
    await sendAll(queue, ['short', `a long body\nof two lines ${'x'.repeat(200)}`]);
    const { printed, exitCode } = await posthorn(['receive', queue], { columns: 60 });
    expect(exitCode).toBe(0);
    const [title = '', first = '', second = ''] = printed.split('\n');
    expect(title).toMatch(/^MESSAGE ID +AGE {2}RECEIVES {2}BODY$/);
    expect(first).toMatch(/^[0-9a-f-]+… +[01]s +1 {2}short$/);
    expect(second).toContain('  1  a long body\\nof');
    expect(second).toHaveLength(60);
    expect((await posthorn(['receive', queue])).errors).toBe('There are no messages to receive.\n');
  });

  it('shows groups and attributes where messages have them', async () => {
    const queue = await newQueue();
    await posthorn(['send', queue, 'x', '--group', 'noisy', '--attribute', 'a=1', '--attribute', 'b:Binary=AA==']);
    const { printed } = await posthorn(['receive', queue]);
    expect(printed).toMatch(/GROUP {2}ATTRIBUTES +BODY\n.* noisy {2}a=1 b=\(Binary\) {2}x\n/);
  });

  it('keeps messages unless told to delete them', async () => {
    const queue = await newQueue();
    await sendAll(queue, ['1', '2', '3']);
    const kept = await posthorn(['receive', queue, '--max', '2', '--visibility', '0', '--json']);
    expect(JSON.parse(kept.printed)).toMatchObject([{ Body: '1', ReceiptHandle: expect.any(String) }, { Body: '2' }]);
    const deleted = await posthorn(['receive', queue, '--max', '2', '--delete']);
    expect([deleted.exitCode, deleted.errors]).toEqual([0, 'Deleted 2 messages.\n']);
    expect(await bodiesIn(queue)).toHaveLength(1);
  });

  it('deletes nothing that nobody could read', async () => {
    const queue = await newQueue();
    await sendAll(queue, ['1']);
    const { exitCode, errors } = await posthorn(['receive', queue, '--delete'], { isUnread: true });
    expect([exitCode, errors]).toEqual([1, 'What was printed found no reader, so nothing was deleted.\n']);
    expect(await bodiesIn(queue)).toEqual(['1']);
  });

  it('waits for a message', async () => {
    const queue = await newQueue();
    const received = posthorn(['receive', queue, '--wait', '20', '--json']);
    await posthorn(['send', queue, 'late']);
    expect(JSON.parse((await received).printed)).toMatchObject([{ Body: 'late' }]);
  });
});

describe('posthorn peek', () => {
  it('shows every state, and changes none', async () => {
    const queue = await newQueue();
    await sendAll(queue, ['first', 'second']);
    await sendAll(queue, ['third'], { DelaySeconds: 900 });
    await posthorn(['receive', queue, '--max', '1', '--visibility', '600']);
    for (let time = 0; time < 2; time += 1) {
      const { printed, exitCode } = await posthorn(['peek', queue]);
      expect(exitCode).toBe(0);
      expect(printed).toMatch(/^MESSAGE ID +STATE +AGE +RECEIVES +BODY$/m);
      expect(printed).toMatch(/ in-flight, (9|10)m +\ds +1 {2}first$/m);
      expect(printed).toMatch(/ waiting +\ds +0 {2}second$/m);
      expect(printed).toMatch(/ delayed, 1[45]m +\ds +0 {2}third$/m);
    }
    const { printed } = await posthorn(['receive', queue, '--json']);
    expect(JSON.parse(printed)).toMatchObject([{ Body: 'second', Attributes: { ApproximateReceiveCount: '1' } }]);
  });

  it('filters by state, group and text', async () => {
    const queue = await newQueue();
    await sendAll(queue, ['apple', 'banana'], { MessageGroupId: 'fruit' });
    await sendAll(queue, ['carrot'], { MessageGroupId: 'root' });
    await sendAll(queue, ['apple pie'], { DelaySeconds: 900 });
    const found = async (...flags: string[]) => {
      const { printed } = await posthorn(['peek', queue, '--json', ...flags]);
      return JSON.parse(printed)
        .map(({ body }: { body: string }) => body)
        .sort();
    };
    expect(await found('--contains', 'apple')).toEqual(['apple', 'apple pie']);
    expect(await found('--contains', 'apple', '--state', 'waiting')).toEqual(['apple']);
    expect(await found('--group', 'fruit')).toEqual(['apple', 'banana']);
    expect(await found('--state', 'in-flight')).toEqual([]);
    expect((await posthorn(['peek', queue, '--group', 'x'])).errors).toBe(`No message in ${queue} is like that.\n`);
    expect((await posthorn(['peek', await newQueue()])).errors).toMatch(/^queue-\d+ is empty\.\n$/);
  });

  it('says when there are more, and shows as many as asked for', async () => {
    const queue = await newQueue();
    const bodies = Array.from({ length: 120 }, (_, index) => `body ${index}`);
    for (let from = 0; from < bodies.length; from += 10) {
      const Entries = bodies.slice(from, from + 10).map((MessageBody, index) => ({ Id: `${index}`, MessageBody }));
      await sqs('SendMessageBatch', { QueueUrl: queue, Entries });
    }
    const few = await posthorn(['peek', queue, '--limit', '3']);
    expect(few.printed.trimEnd().split('\n')).toHaveLength(4);
    expect(few.errors).toBe('There may be more; --limit 30 shows them.\n');
    const all = await posthorn(['peek', queue, '--limit', '1000', '--json']);
    expect(JSON.parse(all.printed).map(({ body }: { body: string }) => body)).toEqual(bodies);
    expect(all.errors).toBe('');
    const { printed } = await posthorn(['peek', queue, '--contains', 'body 119', '--limit', '1', '--json']);
    expect(JSON.parse(printed)).toMatchObject([{ body: 'body 119' }]);
  });
});

describe('posthorn purge', () => {
  it('asks first, with the number', async () => {
    const queue = await newQueue();
    await sendAll(queue, ['1', '2']);
    await sendAll(queue, ['3'], { DelaySeconds: 900 });
    const no = await posthorn(['purge', queue], { columns: 80, answer: '' });
    expect(no).toMatchObject({ exitCode: 130, asked: [`Delete 3 messages from ${queue} for good? [y/N] `] });
    expect(await bodiesIn(queue)).toHaveLength(3);
    const yes = await posthorn(['purge', queue], { columns: 80, answer: 'y' });
    expect(yes).toMatchObject({ exitCode: 0, printed: `Deleted 3 messages from ${queue}.\n` });
    expect(await bodiesIn(queue)).toEqual([]);
  });

  it('needs --yes where nobody can be asked', async () => {
    const queue = await newQueue();
    await sendAll(queue, ['1']);
    const refused = await posthorn(['purge', queue], { input: 'y\n' });
    expect(refused).toMatchObject({ exitCode: 2, errors: expect.stringContaining('add --yes') });
    const done = await posthorn(['purge', queue, '--yes', '--json'], { input: '' });
    expect(JSON.parse(done.printed)).toEqual({ queue, purged: 1 });
    expect(done.asked).toEqual([]);
  });
});

describe('posthorn redrive', () => {
  /** A queue with a dead-letter queue that holds these messages, received once too often. */
  async function deadLetters(bodies: readonly string[]): Promise<{ source: string; deadLetterQueue: string }> {
    const deadLetterQueue = await newQueue();
    const arn = `arn:aws:sqs:us-east-1:000000000000:${deadLetterQueue}`;
    const policy = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 1 });
    const source = await newQueue(undefined, { RedrivePolicy: policy });
    await sendAll(source, bodies);
    await posthorn(['receive', source, '--visibility', '0']);
    await posthorn(['receive', source]);
    expect((await bodiesIn(deadLetterQueue)).sort()).toEqual([...bodies].sort());
    return { source, deadLetterQueue };
  }

  it('moves dead letters back, and shows how far it is', async () => {
    const { source, deadLetterQueue } = await deadLetters(['1', '2', '3']);
    const peeked = await posthorn(['peek', deadLetterQueue, '--json']);
    const sourceArn = `arn:aws:sqs:us-east-1:000000000000:${source}`;
    expect(JSON.parse(peeked.printed)[0]).toMatchObject({ deadLetterQueueSourceArn: sourceArn });
    const done = await posthorn(['redrive', deadLetterQueue], { columns: 100 });
    expect([done.exitCode, done.printed]).toEqual([0, 'Moved 3 messages to where they came from.\n']);
    expect(done.drawn.at(-2)).toContain('100%  3 of 3');
    expect(done.drawn.at(-1)).toBe('');
    expect((await bodiesIn(source)).sort()).toEqual(['1', '2', '3']);
  });

  it('moves them to another queue, with lines where there is no terminal', async () => {
    const { deadLetterQueue } = await deadLetters(['1', '2']);
    const other = await newQueue();
    const done = await posthorn(['redrive', deadLetterQueue, '--to', other, '--rate', '500', '--json']);
    expect(done.exitCode).toBe(0);
    expect(JSON.parse(done.printed)).toMatchObject({ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 2 });
    expect(done.errors).toContain(`Moving from ${deadLetterQueue}: 2 of 2\n`);
    expect(done.drawn).toEqual([]);
    expect(await bodiesIn(other)).toHaveLength(2);
  });

  it('goes on when nobody watches, until it is cancelled', async () => {
    const { deadLetterQueue } = await deadLetters(['1', '2', '3', '4', '5']);
    const { io, state } = fakeIo();
    // The first wait is where the person presses Ctrl-C.
    io.wait = async () => {
      state.stopListener?.();
      await new Promise(setImmediate);
    };
    const argv = ['redrive', deadLetterQueue, '--rate', '1'];
    const line = { argv, io, env: { POSTHORN_ENDPOINT: server.endpoint }, readVersion: () => '' };
    const unused = { readFile: async () => '', loadServer: () => Promise.reject(new Error('unused')) };
    expect(await runCommandLine({ ...line, ...unused })).toBe(130);
    expect(state.errors).toContain(`posthorn redrive ${deadLetterQueue} --cancel stops it.`);
    expect(state.stopListener).toBeUndefined();
    const cancelled = await posthorn(['redrive', deadLetterQueue, '--cancel']);
    expect(cancelled.exitCode).toBe(0);
    expect(cancelled.printed).toMatch(/^Stopped after \d messages?; they stay where they were moved to\.\n$/);
  });

  it('has nothing to cancel, nor to move from a queue that is no dead-letter queue', async () => {
    const queue = await newQueue();
    expect(await posthorn(['redrive', queue, '--cancel'])).toMatchObject({
      exitCode: 6,
      errors: `Nothing is being moved from ${queue}.\n`,
    });
    const refused = await posthorn(['redrive', queue]);
    expect(refused.exitCode).toBe(6);
    expect(refused.errors).toMatch(/^\w+: .+\n$/);
  });
});

describe('every command', () => {
  const names = ['queues', 'send', 'receive', 'peek', 'redrive', 'purge'];

  it.each(names)('%s has a help text', async (name) => {
    const { printed, exitCode } = await posthorn([name, '--help']);
    expect(exitCode).toBe(0);
    expect(printed).toMatch(new RegExp(`^Usage: posthorn ${name} .*\\n\\n[A-Z]`));
    expect(printed).toContain('--endpoint <url>\n      where the server is (default: http://127.0.0.1:4566)');
    expect(printed).toMatch(/--json\n {6}print JSON/);
  });

  it.each(names.slice(1))('%s says when the queue is missing', async (name) => {
    const { errors, exitCode } = await posthorn([name]);
    expect(exitCode).toBe(2);
    expect(errors).toMatch(new RegExp(`^A <(dead-letter-)?queue> is missing: posthorn ${name} <`));
  });

  it.each(names)('%s says when no server answers', async (name) => {
    const endpoint = await closedEndpoint();
    const env = { POSTHORN_ENDPOINT: endpoint };
    const { errors, exitCode } = await posthorn([name, 'orders', ...(name === 'purge' ? ['--yes'] : [])], {
      env,
      input: 'x',
    });
    expect(exitCode).toBe(5);
    expect(errors).toBe(
      `No server answers at ${endpoint} (ECONNREFUSED). Start one with "posthorn start", or say where it is with --endpoint.\n`,
    );
  });

  it.each(names.slice(1))('%s suggests the queue that was meant', async (name) => {
    await newQueue('invoices');
    const { errors, exitCode } = await posthorn([name, 'invocies', '--yes'].slice(0, name === 'purge' ? 3 : 2), {
      input: 'x',
    });
    expect(exitCode).toBe(6);
    expect(errors).toBe('QueueDoesNotExist: The specified queue does not exist. Did you mean invoices?\n');
    expect((await posthorn(['peek', 'quite-another'])).errors).toContain('posthorn queues lists those that do.');
    expect((await posthorn(['peek', 'any', '--region', 'eu-north-1'])).errors).toContain('There are no queues here');
  });

  it('works in the region and the account that it is given', async () => {
    const env = {
      POSTHORN_ENDPOINT: server.endpoint,
      POSTHORN_REGION: 'eu-west-3',
      POSTHORN_ACCOUNT_ID: '123456789012',
    };
    const authorization = 'AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu-west-3/sqs/aws4_request, Signature=0';
    const headers = { 'content-type': 'application/x-amz-json-1.0', authorization };
    const target = { 'x-amz-target': 'AmazonSQS.CreateQueue' };
    await fetch(server.endpoint, { method: 'POST', body: '{"QueueName":"far"}', headers: { ...headers, ...target } });
    expect((await posthorn(['send', 'far', 'away'], { env })).exitCode).toBe(0);
    const { printed } = await posthorn([
      'peek',
      'far',
      '--region',
      'eu-west-3',
      '--account-id',
      '123456789012',
      '--json',
    ]);
    expect(JSON.parse(printed)).toMatchObject([{ body: 'away' }]);
    expect((await posthorn(['queues', '--json'], { env })).printed).toContain('"region": "eu-west-3"');
    expect((await posthorn(['send', 'far', 'away'])).exitCode).toBe(6);
  });

  it('knows who is no Posthorn', async () => {
    const other = createServer((_, response) => response.writeHead(404).end('<html>'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { errors, exitCode } = await posthorn(['queues', '--endpoint', `http://127.0.0.1:${port}/`]);
    expect(exitCode).toBe(5);
    expect(errors).toContain(`http://127.0.0.1:${port} answers (HTTP 404), but not as Posthorn does.`);
    await new Promise((resolve) => other.close(resolve));
  });

  it('refuses an endpoint that is none', async () => {
    expect((await posthorn(['queues', '--endpoint', 'localhost:4566'])).errors).toContain(
      'must be an http:// or https:// URL',
    );
  });
});
