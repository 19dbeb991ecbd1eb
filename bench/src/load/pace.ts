import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from './connection.ts';
import type { MeasuredWindow } from './window.ts';

/** Timers are late by up to a millisecond, so the last stretch to a due time is spent turning the event loop. */
const spinMilliseconds = 2;
/**
 * From this rate on that stretch is all of the time, and would take a whole core from the server, some of whose threads then
 * wait for the kernel's next tick (4 ms on many systems). So the generator rests between two turns, and answers and due times wait
 * for it so long at most.
 */
const restFromPerSecond = 1000;
const restMilliseconds = 0.2;
const bed = new Int32Array(new SharedArrayBuffer(4));
const catchUpLimitMilliseconds = 10_000;

/**
 * Sends at a fixed rate, whatever the server does: a request is due at its time, even when it then has to wait for a free
 * connection. A server that stalls is charged for everyone who would have come meanwhile, which a closed loop forgets.
 */
export async function pace(
  window: MeasuredWindow,
  connections: readonly Connection[],
  requestsPerSecond: number,
  send: (connection: Connection, dueAt: number) => Promise<void>,
): Promise<void> {
  const interval = 1000 / requestsPerSecond;
  const idle = new Line(connections);
  const due = new Line<number>();
  let failure: unknown;
  let nextDue = performance.now() + interval;

  const sendOne = async (connection: Connection, dueAt: number): Promise<void> => {
    await send(connection, dueAt);
    idle.push(connection);
  };
  const sendWhatIsDue = (): void => {
    for (; !window.over && nextDue <= performance.now(); nextDue += interval) due.push(nextDue);
    while (due.length > 0 && idle.length > 0) {
      sendOne(idle.shift(), due.shift()).catch((error: unknown) => {
        failure ??= error;
      });
    }
  };

  while (!window.over && failure === undefined) {
    sendWhatIsDue();
    const ahead = nextDue - performance.now();
    if (ahead > spinMilliseconds) await sleep(ahead - spinMilliseconds);
    else {
      if (requestsPerSecond >= restFromPerSecond) Atomics.wait(bed, 0, 0, restMilliseconds);
      await nextTurn();
    }
  }
  const deadline = performance.now() + catchUpLimitMilliseconds;
  while (failure === undefined && idle.length < connections.length) {
    sendWhatIsDue();
    if (performance.now() > deadline)
      throw new Error(`${due.length} requests behind the rate of ${requestsPerSecond}/s`);
    await nextTurn();
  }
  if (failure !== undefined) throw failure;
}

/** First in, first out: all connections take their turn, and a long line costs nothing where a server stalls. */
class Line<Item> {
  #items: Item[];
  #head = 0;

  constructor(items: readonly Item[] = []) {
    this.#items = [...items];
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  shift(): Item {
    const item = this.#items[this.#head++];
    if (item === undefined) throw new Error('nobody is in line');
    // What left is cleared away when it is the greater part, so that an item is moved once on average.
    if (this.#head > this.#items.length / 2) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
