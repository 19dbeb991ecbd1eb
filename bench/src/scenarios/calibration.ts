import { fork } from 'node:child_process';
import { program } from '../folders.ts';
import { freePort } from '../freePort.ts';
import type { Generators } from '../load/generators.ts';
import type { Job } from '../load/job.ts';
import { stop, track } from '../processes.ts';
import { messagesPerSecond } from './measurement.ts';
import { connectionCounts, operations } from './rows.ts';

export type Calibration = {
  readonly title: string;
  readonly requestsPerSecond: number;
  /** In what the rows count: messages, or copies of them. */
  readonly ratePerSecond: number;
  readonly generatorShare: number;
};

/** Every operation of the matrix at the connections that most rows have, and the cheapest one at all of them. */
const loads = operations.flatMap((operation) =>
  (operation.name === 'send' ? connectionCounts : [64]).map((connections) => ({ operation, connections })),
);
const warmUpMilliseconds = 500;

function jobOf({ operation, connections }: (typeof loads)[number], port: number, seconds: number): Job {
  const { kind, groups, queues } = operation;
  return {
    kind,
    connections,
    port,
    queueUrl: `http://127.0.0.1:${port}/000000000000/calibration`,
    bodyBytes: 1024,
    warmUpMilliseconds,
    measureMilliseconds: seconds * 1000,
    ...(groups !== undefined && { groups }),
    ...(queues !== undefined && { topic: { topicArn: 'calibration', copiesByValue: [queues], counted: 'copies' } }),
  };
}

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
    for (const load of loads) {
      const result = await generators.run(jobOf(load, port, seconds));
      const rate = messagesPerSecond(result);
      found.push({
        title: `${load.operation.name}, ${load.connections} connection${load.connections === 1 ? '' : 's'}`,
        requestsPerSecond: rate / load.operation.perRequest,
        ratePerSecond: rate,
        generatorShare: result.generatorProcessorMilliseconds / result.windowMilliseconds,
      });
    }
    return found;
  } finally {
    await stop(responder);
  }
}
