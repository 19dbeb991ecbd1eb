/** The thread that flushes and merges what a server stores; `storage/embedded/jobThread.ts` starts it and asks. */
import { parentPort, workerData } from 'node:worker_threads';
import { errorCode } from './storage/embedded/diskErrors.ts';
import { type Job, runJob } from './storage/embedded/jobs.ts';
import type { JobAnswer } from './storage/embedded/jobThread.ts';
import { NodeDisk } from './storage/embedded/nodeDisk.ts';

const disk = new NodeDisk(workerData as string);

parentPort?.on('message', async (job: Job) => {
  parentPort?.postMessage(await answer(job));
});

async function answer(job: Job): Promise<JobAnswer> {
  try {
    return { result: await runJob(disk, job) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { error: { message, code: errorCode(error) } };
  }
}
