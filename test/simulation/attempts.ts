import type { Events, Holding } from './stays.ts';

/** What one attempt id got last. */
export interface Attempt {
  readonly startedAt: number;
  readonly answeredAt: number;
  readonly holdings: readonly Holding[];
  /** No later call of that attempt id has been lost, which may have got something else. */
  isSure: boolean;
}

/** A call that may have named its receive. */
export interface NamedCall {
  readonly attemptId: string | undefined;
  readonly startedAt: number;
  /** What the call before it of the same attempt id got. */
  readonly earlier: Attempt | undefined;
}

/** How long a receive can be repeated (SQS API, ReceiveMessage, ReceiveRequestAttemptId). */
const repeatReceiveMs = 300_000;

/**
 * Receives that clients named, so that they can repeat them: the same receipts come again while nothing has happened to
 * any of them, the repetition is refused if something has, and after five minutes the name stands for a new receive.
 */
export class Attempts {
  readonly #events: Events;
  readonly #isSurelyThere: (holding: Holding) => boolean;
  readonly #attempts = new Map<string, Attempt>();

  constructor(events: Events, isSurelyThere: (holding: Holding) => boolean) {
    this.#events = events;
    this.#isSurelyThere = isSurelyThere;
  }

  find(attemptId: string | undefined): Attempt | undefined {
    return attemptId === undefined ? undefined : this.#attempts.get(attemptId);
  }

  answered({ attemptId, earlier, startedAt }: NamedCall, holdings: readonly Holding[]): void {
    if (attemptId === undefined) return;
    const isRepetition = holdings.length > 0 && holdings.every((each) => earlier?.holdings.includes(each));
    // A repetition does not begin the time anew within which it can be repeated.
    const began = isRepetition && earlier !== undefined ? earlier : { startedAt, answeredAt: this.#events.now() };
    this.#attempts.set(attemptId, { startedAt: began.startedAt, answeredAt: began.answeredAt, holdings, isSure: true });
  }

  /** Whatever it got, the next call of that attempt id may get again. */
  givenUp({ attemptId, startedAt }: NamedCall): void {
    if (attemptId === undefined) return;
    const attempt = this.#attempts.get(attemptId);
    if (attempt !== undefined) attempt.isSure = false;
    else this.#attempts.set(attemptId, { startedAt, answeredAt: this.#events.now(), holdings: [], isSure: false });
  }

  judgeRefusal({ attemptId, earlier, startedAt }: NamedCall): void {
    const name = `the attempt ${attemptId} was refused`;
    if (earlier === undefined) throw new Error(`${name}, though it was the first`);
    if (this.#mustRepeat(earlier)) throw new Error(`${name}, though nothing happened meanwhile`);
    const isOver = earlier.holdings.length === 0 || earlier.answeredAt + repeatReceiveMs < startedAt;
    if (earlier.isSure && isOver) throw new Error(`${name}, though there was nothing to repeat`);
  }

  /** `same`: how many of the earlier receipts the answer has; `count`: how many it has in all. */
  judgeAnswer({ attemptId, earlier, startedAt }: NamedCall, same: number, count: number): void {
    if (earlier === undefined || earlier.holdings.length === 0) return;
    if (same > 0 && earlier.answeredAt + repeatReceiveMs < startedAt) {
      throw new Error(`the attempt ${attemptId} was repeated after its time`);
    }
    const isSame = same === earlier.holdings.length && same === count;
    if (!isSame && this.#mustRepeat(earlier)) {
      throw new Error(`the attempt ${attemptId} was not repeated, though nothing happened meanwhile`);
    }
  }

  /** Whether all that it got is in flight as it was left. */
  #mustRepeat({ startedAt, holdings, isSure }: Attempt): boolean {
    const now = this.#events.now();
    const isUntouched = holdings.every(
      (each) =>
        this.#isSurelyThere(each) &&
        each.stay.holdings.at(-1) === each &&
        !each.isChanged &&
        each.stay.hiddenUntil > now,
    );
    return isSure && holdings.length > 0 && isUntouched && now < startedAt + repeatReceiveMs;
  }
}
