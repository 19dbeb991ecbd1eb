import type { Clock, Partition } from '#runtime';
import { agendaRetryMs } from './limits.ts';
import { type DueEntry, dueKind, parseDuePath } from './records.ts';

export interface AgendaOptions {
  readonly clock: Clock;
  /** Does what is due. What it does removes the entry, or moves it. */
  readonly act: (due: DueEntry) => Promise<void>;
  readonly report: (error: Error) => void;
}

/**
 * Does to keys what is due at a time: deletes and rotates them. The entries lie in the store in the order of their times, so
 * one timer is enough, and a start finds what came due meanwhile.
 *
 * idle -> looking (an alarm, or somebody has changed a key) -> idle with an alarm for the first entry.
 */
export class Agenda {
  readonly #entities: Partition['entities'];
  readonly #options: AgendaOptions;
  #looking: Promise<void> | undefined;
  /** Something has changed since the look that is under way began. */
  #again = false;
  #callOff: () => void = () => undefined;
  #closed = false;

  constructor({ entities }: Pick<Partition, 'entities'>, options: AgendaOptions) {
    this.#entities = entities;
    this.#options = options;
  }

  lookAgain(): void {
    if (this.#closed) return;
    this.#again = true;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#looking;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#callOff();
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { clock, report } = this.#options;
    this.#callOff();
    let next = Number.POSITIVE_INFINITY;
    while (this.#again && !this.#closed) {
      this.#again = false;
      next = await this.#doDue().catch((error: Error) => {
        report(error);
        return clock.now() + agendaRetryMs;
      });
    }
    if (this.#closed || next === Number.POSITIVE_INFINITY) return;
    this.#callOff = clock.schedule(next, () => this.lookAgain());
  }

  /** When there is something to do next. */
  async #doDue(): Promise<number> {
    const { clock, act, report } = this.#options;
    let retryAt = Number.POSITIVE_INFINITY;
    let after: string | undefined;
    while (!this.#closed) {
      const [first] = await this.#entities.list(dueKind, '', 1, after);
      if (first === undefined) break;
      const due = parseDuePath(first.path);
      if (due.at > clock.now()) return Math.min(due.at, retryAt);
      await act(due).catch((error: Error) => {
        report(error);
        retryAt = clock.now() + agendaRetryMs;
      });
      // Whatever came of it: the same entry again and again would keep the others waiting.
      after = first.path;
    }
    return retryAt;
  }
}
