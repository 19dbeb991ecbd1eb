/** The thread that flushes and merges what a server stores; `storage/embedded/jobThread.ts` starts it and asks. */
import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { errorCode } from './storage/embedded/diskErrors.ts';
import { type Job, runJob } from './storage/embedded/jobs.ts';
import type { JobAnswer } from './storage/embedded/jobThread.ts';
import { NodeDisk } from './storage/embedded/nodeDisk.ts';

const disk = new NodeDisk(workerData as string);
letRequestsGoFirst();

parentPort?.on('message', async (job: Job) => {
  parentPort?.postMessage(await answer(job));
});

async function answer(job: Job): Promise<JobAnswer> {
  try {
    return { result: await runJob(disk, job, logMemory) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { error: { message, code: errorCode(error) } };
  }
}

const memoryStep = 8 * 1024 * 1024;
let lastingMemory = Buffer.alloc(0);

/** The same for all logs, which are much alike. The collector lets go of such pieces late: two or three would lie about. */
function logMemory(bytes: number): Buffer {
  if (lastingMemory.length < bytes) {
    lastingMemory = Buffer.allocUnsafeSlow(Math.ceil(bytes / memoryStep) * memoryStep);
  }
  return lastingMemory.subarray(0, bytes);
}

/** Where all processors are busy a job can wait, and a request can't. Linux has a priority for each thread, others have not. */
function letRequestsGoFirst(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    if (thread !== process.pid) setPriority(thread, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It works as well at the usual priority.
  }
}
