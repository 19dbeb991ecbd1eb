import { readdirSync, readFileSync } from 'node:fs';

/** Microseconds of processor time. `others`: store, collector, compiler and whatever else has a thread of its own. */
export interface ProcessorTime {
  readonly main: number;
  readonly others: number;
}

/** What a process has used so far. Linux alone tells it by thread. */
export function processorTime(pid: number = process.pid): ProcessorTime {
  let main = 0;
  let others = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [nanoseconds = '0'] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ');
    if (Number(thread) === pid) main += Number(nanoseconds) / 1000;
    else others += Number(nanoseconds) / 1000;
  }
  return { main, others };
}

export function timeSince(before: ProcessorTime, pid: number = process.pid): ProcessorTime {
  const now = processorTime(pid);
  return { main: now.main - before.main, others: now.others - before.others };
}

/** Adds up what calls have used, by their name. */
export class Spent {
  readonly #totals = new Map<string, { main: number; others: number; calls: number }>();

  add(name: string, { main, others }: ProcessorTime, calls: number): void {
    const before = this.#totals.get(name) ?? { main: 0, others: 0, calls: 0 };
    this.#totals.set(name, {
      main: before.main + main,
      others: before.others + others,
      calls: before.calls + calls,
    });
  }

  perCall(): Record<string, ProcessorTime> {
    const each = [...this.#totals].map(([name, { main, others, calls }]) => {
      return [name, { main: main / calls, others: others / calls }];
    });
    return Object.fromEntries(each);
  }
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Processor time of the main thread for one call of `act`, in a loop of about `seconds` that follows one to warm up. */
export async function timeOf(act: () => unknown, seconds: number): Promise<number> {
  await loop(act, seconds);
  const before = processorTime();
  const calls = await loop(act, seconds);
  return timeSince(before).main / calls;
}

async function loop(act: () => unknown, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let calls = 0;
  do {
    for (let index = 0; index < 50; index += 1) {
      const result = act();
      if (result instanceof Promise) await result;
    }
    calls += 50;
  } while (performance.now() < end);
  return calls;
}
