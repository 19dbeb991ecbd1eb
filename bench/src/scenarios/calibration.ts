import { fork } from 'node:child_process';
import { program } from '../folders.ts';
import { freePort } from '../freePort.ts';
import type { Generators } from '../load/generators.ts';
import type { Job } from '../load/job.ts';
import { stop, track } from '../processes.ts';
import { messagesPerSecond } from './measurement.ts';

export type Calibration = {
  readonly title: string;
  readonly requestsPerSecond: number;
  readonly generatorShare: number;
};

const loads: readonly { title: string; kind: Job['kind']; connections: number; messages: number }[] = [
  { title: 'send, 1 connection', kind: 'send', connections: 1, messages: 1 },
  { title: 'send, 64 connections', kind: 'send', connections: 64, messages: 1 },
  { title: 'send batches of 10, 64 connections', kind: 'sendBatch', connections: 64, messages: 10 },
];

/** What the generator reaches when its counterpart does next to nothing: figures close to these measure the generator. */
export async function calibrate(generators: Generators, seconds: number): Promise<Calibration[]> {
  const port = await freePort();
  const responder = track(fork(program('load/responder.js'), [String(port)]));
  try {
    await new Promise<void>((resolve, reject) => {
      responder.once('message', () => resolve());
      responder.once('exit', () => reject(new Error('the responder ended while starting')));
    });
    const found: Calibration[] = [];
    for (const { title, kind, connections, messages } of loads) {
      const result = await generators.run({
        kind,
        connections,
        port,
        queueUrl: `http://127.0.0.1:${port}/000000000000/calibration`,
        bodyBytes: 1024,
        warmUpMilliseconds: 500,
        measureMilliseconds: seconds * 1000,
      });
      const generatorShare = result.generatorProcessorMilliseconds / result.windowMilliseconds;
      found.push({ title, requestsPerSecond: messagesPerSecond(result) / messages, generatorShare });
    }
    return found;
  } finally {
    await stop(responder);
  }
}
