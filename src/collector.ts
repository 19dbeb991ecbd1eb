/** How V8's collector works in the server's processes. */
import { setFlagsFromString } from 'node:v8';
import { storeCompiledCode } from './compileCache.ts';

/** Undocumented, so a Node may come that does not know it; `collector.test.ts` would tell. */
export const markingFlag = '--incremental-marking-hard-trigger=50';

/**
 * The young generation of threads begun from now on, in MiB a half; V8's default. In Node 20 they take over what the process was
 * started with, for the sake of requests that wait: the thread that writes the store's tables came to hold 100 MiB that way.
 */
export const threadsFlag = '--max-semi-space-size=16';

/**
 * V8 marks the whole heap once what is old has come within a young generation's size of its limit. What `Buffer`s hold counts as
 * old from the start, and each request brings some: with 25,000 sends a second it marked ten times a second, on threads of
 * its own and at a fifth of the processor time of a send. So it begins half of the way to the limit, which stays.
 *
 * To be called when the process is up: V8 takes compiled code only under the flags that it was kept with. The heap of the
 * calling thread keeps its size.
 */
export function setUpCollector(): void {
  storeCompiledCode();
  setFlagsFromString(markingFlag);
  setFlagsFromString(threadsFlag);
}
