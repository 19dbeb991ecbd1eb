import type { DeliveredMessage } from '../../src/runtime/index.ts';
import { required } from '../../src/std/assert.ts';
import type { StoredCopy } from './disk.ts';

/** A message's time in one queue, and what is known of its visibility. */
export interface Stay {
  readonly copy: StoredCopy;
  /** When it came, among the events. */
  readonly storedOrder: number;
  /** The newest last. */
  readonly holdings: Holding[];
  /** Of the newest receive that is known: it is in flight until then for sure, and not beyond. */
  hiddenUntil: number;
  hiddenAtMost: number;
  /** Calls under way that may change its visibility. */
  pendingChanges: number;
  /** Grows with everything that may have changed its visibility. */
  changes: number;
  /** When somebody asked last to change it, or was answered. */
  changedOrder: number;
  /** The newest receive that is known may not be the newest: another came before its visibility was changed. */
  isNewestUnsure: boolean;
  deletesAsked: boolean;
  /** When its deletion was answered. */
  deletedOrder: number;
}

/** A receipt in somebody's hands. */
export interface Holding {
  readonly stay: Stay;
  readonly receipt: DeliveredMessage;
  readonly attemptId: string | undefined;
  readonly incarnation: number;
  readonly answeredAt: number;
  readonly answerOrder: number;
  /** Somebody asked to change its visibility. */
  isChanged: boolean;
}

export interface VisibilityCall {
  readonly holding: Holding;
  readonly timeoutMs: number;
  readonly startedAt: number;
  readonly before: { readonly hiddenUntil: number; readonly hiddenAtMost: number };
  /** What `Stay.changes` must be in the end if nothing else happened to it; NaN if something was under way already. */
  readonly changesIfAlone: number;
}

type VisibilityOutcome = 'changed' | 'gone' | 'not-in-flight' | 'beyond-limit' | 'expired';

export const never = Number.POSITIVE_INFINITY;
export const always = Number.NEGATIVE_INFINITY;

/** The clock that everybody's events are told by: milliseconds, and the order of those within one. */
export class Events {
  readonly now: () => number;
  #count = 0;

  constructor(now: () => number) {
    this.now = now;
  }

  next(): number {
    this.#count += 1;
    return this.#count;
  }
}

/**
 * All stays. A client does not know when exactly its call took effect: at some time between its start and its answer. So
 * the end of a message's time in flight is known by two bounds, and what would have to lie between them is not judged.
 */
export class Stays {
  readonly #events: Events;
  readonly #stays = new Map<string, Stay>();

  constructor(events: Events) {
    this.#events = events;
  }

  stored(copy: StoredCopy): void {
    const visibility = { hiddenUntil: always, hiddenAtMost: always, pendingChanges: 0, changes: 0, changedOrder: 0 };
    const deletion = { deletesAsked: false, deletedOrder: never };
    const storedOrder = this.#events.next();
    const stay: Stay = { copy, storedOrder, holdings: [], ...visibility, isNewestUnsure: false, ...deletion };
    this.#stays.set(nameOf(copy.queueId, copy.sequence), stay);
  }

  find(queueId: number, sequence: number): Stay | undefined {
    return this.#stays.get(nameOf(queueId, sequence));
  }

  of({ queueId, sequence }: StoredCopy): Stay {
    return required(this.find(queueId, sequence), 'the stay of a stored message');
  }

  /** It was received by a call that began at `startedAt`; `isSure`: nothing that is known can have changed that meanwhile. */
  hidden(stay: Stay, startedAt: number, timeoutMs: number, isSure: boolean): void {
    stay.changes += 1;
    stay.isNewestUnsure = false;
    stay.hiddenUntil = isSure ? startedAt + timeoutMs : always;
    stay.hiddenAtMost = isSure ? this.#events.now() + timeoutMs : never;
  }

  /** From now on its timeout may be this one. */
  mayBeHidden(stay: Stay, timeoutMs: number): void {
    stay.changes += 1;
    stay.hiddenUntil = Math.min(stay.hiddenUntil, this.#events.now() + timeoutMs);
    stay.hiddenAtMost = never;
  }

  changing(holding: Holding, timeoutMs: number): VisibilityCall {
    const { stay } = holding;
    const before = { hiddenUntil: stay.hiddenUntil, hiddenAtMost: stay.hiddenAtMost };
    holding.isChanged = true;
    stay.pendingChanges += 1;
    stay.changedOrder = this.#events.next();
    this.mayBeHidden(stay, timeoutMs);
    const changesIfAlone = stay.pendingChanges === 1 ? stay.changes : Number.NaN;
    return { holding, timeoutMs, startedAt: this.#events.now(), before, changesIfAlone };
  }

  /** `isThere`: it was not deleted meanwhile for sure. */
  changed(call: VisibilityCall, outcome: VisibilityOutcome, isThere: boolean): void {
    const { holding, before } = call;
    const { stay, receipt } = holding;
    const { id, queueName } = stay.copy;
    const isAlone = stay.changes === call.changesIfAlone && stay.holdings.at(-1) === holding;
    this.#changeOver(stay);
    if (outcome === 'changed') {
      this.#noteChange(call, isAlone);
    } else if (isAlone) {
      if (before.hiddenUntil > this.#events.now() && isThere) {
        const name = `${id} of ${queueName} by its receipt ${receipt.attempt}`;
        throw new Error(`${name}: the change of visibility answers ${outcome} while it is in flight`);
      }
      Object.assign(stay, before);
    }
  }

  /** It may have happened, at any time. */
  changeLost({ holding: { stay } }: VisibilityCall): void {
    this.#changeOver(stay);
    stay.hiddenUntil = always;
  }

  /** Standard queues forgot the receives that they had not stored. */
  stateLost(): void {
    for (const stay of this.#stays.values()) {
      if (stay.copy.isFifo) continue;
      stay.changes += 1;
      stay.hiddenUntil = always;
    }
  }

  #changeOver(stay: Stay): void {
    stay.pendingChanges -= 1;
    stay.changedOrder = this.#events.next();
  }

  #noteChange({ holding, timeoutMs, startedAt, before }: VisibilityCall, isAlone: boolean): void {
    const { stay, receipt } = holding;
    const { id, isFifo } = stay.copy;
    const now = this.#events.now();
    // On a standard queue any receipt of a message changes its visibility: another client may have it, and give it back.
    const isSure = isFifo || before.hiddenUntil > now;
    if (!isSure) Object.assign(stay, { isNewestUnsure: true, hiddenUntil: always });
    if (!isAlone || !isSure) return;
    stay.hiddenUntil = startedAt + timeoutMs;
    stay.hiddenAtMost = now + timeoutMs;
    if (isFifo && before.hiddenAtMost <= startedAt) {
      throw new Error(`the visibility of ${id} was changed by its receipt ${receipt.attempt} after its time`);
    }
  }
}

function nameOf(queueId: number, sequence: number): string {
  return `${queueId}/${sequence}`;
}
