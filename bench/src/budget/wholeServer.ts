/** The real server in a process of its own, and a server of bare sockets beside it, under the same load. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exampleKey } from '../load/signing.ts';
import * as calls from './calls.ts';
import { Clients } from './client.ts';
import { type ProcessorTime, processorTime, Spent, timeSince } from './processorTime.ts';

const here = dirname(fileURLToPath(import.meta.url));

interface Child {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly port: number;
}

/** Resolves when the child has printed where it listens. */
function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Child> {
  const child = spawn(process.execPath, [...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  return new Promise((resolve, reject) => {
    let output = '';
    child.once('exit', () => reject(new Error(`it ended while starting: ${output}`)));
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const port = /http:\/\/[^\s:]+:(\d+)/.exec(output)?.[1];
      if (port !== undefined) resolve({ process: child, pid: child.pid ?? 0, port: Number(port) });
    });
  });
}

async function stop({ process: child }: Child): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** Microseconds of a request to the server of bare sockets: reading and writing so many bytes. */
export async function measureSockets(sizes: { request: number; answer: number }, seconds: number): Promise<number> {
  const child = await start([join(here, 'socketFloor.js'), String(sizes.request), String(sizes.answer)]);
  const clients = await Clients.open(child.port);
  const request = Buffer.alloc(sizes.request, 'x');
  await clients.run(until(seconds / 4, () => request));
  const before = processorTime(child.pid);
  const answered = await clients.run(until(seconds, () => request));
  const { main } = timeSince(before, child.pid);
  clients.close();
  await stop(child);
  return main / answered;
}

/** Microseconds of a call to the real server, by thread. `command`: how Posthorn is started. */
export async function measureWhole(
  command: readonly string[],
  dataParent: string,
  seconds: number,
): Promise<Record<calls.CallName, ProcessorTime>> {
  const folder = mkdtempSync(join(dataParent, 'budget-'));
  const child = await start([...command, '--port', '0', '--data-dir', folder, '--auth', 'enforce'], {
    POSTHORN_ROOT_ACCESS_KEY_ID: exampleKey.accessKeyId,
    POSTHORN_ROOT_SECRET_ACCESS_KEY: exampleKey.secretAccessKey,
  });
  try {
    const clients = await Clients.open(child.port);
    const body = JSON.stringify({ QueueName: calls.queueName });
    const create = [calls.requestBytes({ operation: 'CreateQueue', body }, child.port)];
    await clients.run(() => create.pop());
    // The compiler needs some seconds of load until it has done most of its work.
    await cycles(child, clients, seconds);
    const spent = await cycles(child, clients, seconds * 4);
    clients.close();
    return spent.perCall();
  } finally {
    await stop(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sends one by one and in batches, then receives and deletes all of it, again and again. */
async function cycles({ pid, port }: Child, clients: Clients, seconds: number): Promise<Spent> {
  const spent = new Spent();
  const url = calls.queueUrl(port);
  const [send, sendBatch] = [calls.sendCall(url), calls.sendBatchCall(url)].map((each) =>
    calls.requestBytes(each, port),
  );
  const receive = calls.requestBytes(calls.receiveCall(url), port);
  const timed = async (name: calls.CallName, next: () => Buffer | undefined, onAnswer?: (body: string) => void) => {
    const before = processorTime(pid);
    const answered = await clients.run(next, onAnswer);
    spent.add(name, timeSince(before, pid), answered);
  };
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const deletes: Buffer[] = [];
    const received = (text: string) => {
      const { Messages = [] } = JSON.parse(text) as { Messages?: { ReceiptHandle: string }[] };
      if (Messages.length < calls.batchSize) throw new Error(`a receive brought ${Messages.length} messages`);
      const handles = Messages.map(({ ReceiptHandle }) => ReceiptHandle);
      deletes.push(calls.requestBytes(calls.deleteBatchCall(url, handles), port));
    };
    await timed('SendMessage', times(calls.cycle.sends, send));
    await timed('SendMessageBatch', times(calls.cycle.batches, sendBatch));
    await timed('ReceiveMessage', times(calls.cycle.receives, receive), received);
    await timed('DeleteMessageBatch', () => deletes.pop());
  }
  return spent;
}

function times(count: number, request: Buffer | undefined): () => Buffer | undefined {
  let left = count;
  return () => (left-- > 0 ? request : undefined);
}

function until(seconds: number, request: () => Buffer): () => Buffer | undefined {
  const end = performance.now() + seconds * 1000;
  return () => (performance.now() < end ? request() : undefined);
}
