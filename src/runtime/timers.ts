import { Heap } from '#std/heap';
import type { Clock } from './clock.ts';

export interface Sleeper {
  /** Its time has come. */
  wake(): void;
}

/** One sleeper's place among all. */
export interface Alarm {
  readonly at: number;
  /** Orders alarms of the same time; unique. */
  readonly id: number;
  readonly sleeper: Sleeper;
  heapIndex: number;
}

/** Any number of alarms on one timer of the clock, so that 10,000 long polls are one timer. */
export class Timers {
  readonly #clock: Clock;
  readonly #alarms = new Heap<Alarm>((a, b) => a.at < b.at || (a.at === b.at && a.id < b.id));
  #armedAt = Number.POSITIVE_INFINITY;
  #disarm: () => void = () => undefined;
  #nextId = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(sleeper: Sleeper, at: number): Alarm {
    const alarm: Alarm = { at, id: this.#nextId++, sleeper, heapIndex: -1 };
    this.#alarms.push(alarm);
    this.#arm();
    return alarm;
  }

  /** Does nothing to one that has gone off. */
  cancel(alarm: Alarm): void {
    if (alarm.heapIndex !== -1) this.#alarms.remove(alarm);
  }

  close(): void {
    this.#alarms.clear();
    this.#disarm();
  }

  /** A timer that fires too early costs less than moving it with every change, so it is only ever moved forward. */
  #arm(): void {
    const at = this.#alarms.peek()?.at ?? Number.POSITIVE_INFINITY;
    if (at >= this.#armedAt) return;
    this.#disarm();
    this.#armedAt = at;
    this.#disarm = this.#clock.schedule(at, () => this.#fire());
  }

  #fire(): void {
    this.#armedAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    // An alarm that sets itself to `now` again gets its turn in the next firing, so the loop ends.
    const due: Alarm[] = [];
    for (let alarm = this.#alarms.peek(); alarm !== undefined && alarm.at <= now; alarm = this.#alarms.peek()) {
      this.#alarms.remove(alarm);
      due.push(alarm);
    }
    for (const { sleeper } of due) sleeper.wake();
    this.#arm();
  }
}
