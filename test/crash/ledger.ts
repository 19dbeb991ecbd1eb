/**
 * What the clients of a server that is killed again and again were promised, and whether it is kept. It knows only what
 * clients can know: calls made and answers got. A call whose answer never came is in doubt: it happened, or it did not.
 *
 * - Nothing is received that nobody sent, and every body is the one that was sent.
 * - A message whose deletion was acknowledged, by its newest receipt, is never received again.
 * - Between two kills nobody receives a message that is in flight, nor one whose delay is not over.
 * - In the end everything that was acknowledged and not deleted is there.
 *
 * Whether a receipt is the newest is the hard part. A receive whose answer was lost with the server may have taken the
 * message out again, and one that is under way during the deletion may do so: such deletions promise nothing.
 */
import { createHash } from 'node:crypto';

export interface Sending {
  readonly id: string;
  readonly body: string;
  readonly delaySeconds: number;
}

export interface Received {
  readonly id: string;
  readonly body: string;
  readonly receiptHandle: string;
  readonly receiveCount: number;
}

/** A receive call, from before its request left until its answer came. */
export interface ReceiveCall {
  readonly startedAt: number;
  readonly visibilityMs: number;
  readonly incarnation: number;
  isLost: boolean;
}

/** A receipt in somebody's hands. */
export interface Holding {
  readonly message: TrackedMessage;
  readonly receiptHandle: string;
  readonly receiveCount: number;
  readonly incarnation: number;
  /** Nobody else can have received the message before then. */
  readonly hiddenUntil: number;
}

export interface DeleteCall {
  readonly holding: Holding;
  /** Receives that were under way at some time during the call. */
  readonly overlapping: Set<ReceiveCall>;
}

interface TrackedMessage {
  readonly id: string;
  readonly digest: string;
  readonly availableAt: number;
  state: 'pending' | 'acknowledged' | 'in-doubt';
  deletion: 'none' | 'in-doubt' | 'acknowledged';
  /** Receives that may have overtaken its acknowledged deletion. */
  excused: ReadonlySet<ReceiveCall>;
  newest: Holding | undefined;
  wasDrained: boolean;
}

/** The end of a server's life, as far as it matters to those who hold receipts from it. */
interface Crash {
  readonly at: number;
  readonly lostReceives: number;
}

export class Ledger {
  readonly counts = { sent: 0, acknowledged: 0, received: 0, deleted: 0, deletedForSure: 0, deletedAcrossKill: 0 };
  readonly #messages = new Map<string, TrackedMessage>();
  readonly #receiving = new Set<ReceiveCall>();
  readonly #deleting = new Set<DeleteCall>();
  /** By the incarnation that it ended. */
  readonly #crashes: Crash[] = [];
  #undeleted = 0;
  #isDraining = false;

  /** Roughly how many messages the server holds. */
  get backlog(): number {
    return this.#undeleted;
  }

  /** Call it before the request leaves. */
  sending({ id, body, delaySeconds }: Sending): void {
    const availableAt = Date.now() + delaySeconds * 1000;
    this.#messages.set(id, {
      id,
      digest: digestOf(body),
      availableAt,
      state: 'pending',
      deletion: 'none',
      excused: new Set(),
      newest: undefined,
      wasDrained: false,
    });
    this.counts.sent += 1;
    this.#undeleted += 1;
  }

  acknowledged(id: string): void {
    this.#message(id).state = 'acknowledged';
    this.counts.acknowledged += 1;
  }

  sendLost(id: string): void {
    this.#message(id).state = 'in-doubt';
  }

  receiving(visibilityMs: number): ReceiveCall {
    const call: ReceiveCall = {
      startedAt: Date.now(),
      visibilityMs,
      incarnation: this.#crashes.length,
      isLost: false,
    };
    this.#receiving.add(call);
    for (const { overlapping } of this.#deleting) overlapping.add(call);
    return call;
  }

  received(call: ReceiveCall, messages: readonly Received[]): Holding[] {
    this.#receiving.delete(call);
    return messages.map((each) => this.#receivedOne(call, each));
  }

  receiveLost(call: ReceiveCall): void {
    call.isLost = true;
  }

  deleting(holding: Holding): DeleteCall {
    const call = { holding, overlapping: new Set(this.#receiving) };
    this.#deleting.add(call);
    if (holding.message.deletion === 'none') {
      holding.message.deletion = 'in-doubt';
      this.#undeleted -= 1;
    }
    return call;
  }

  deleted(call: DeleteCall): void {
    this.#deleting.delete(call);
    const { holding } = call;
    const { message } = holding;
    this.counts.deleted += 1;
    if (message.deletion === 'acknowledged' || !this.#isNewest(holding)) return;
    message.deletion = 'acknowledged';
    // While it was hidden nobody could overtake; that makes no exception for anybody.
    const wasHidden = holding.incarnation === this.#crashes.length && Date.now() < holding.hiddenUntil;
    message.excused = wasHidden ? new Set() : call.overlapping;
    this.counts.deletedForSure += 1;
    if (holding.incarnation < this.#crashes.length) this.counts.deletedAcrossKill += 1;
  }

  deleteLost(call: DeleteCall): void {
    this.#deleting.delete(call);
  }

  /** The server is gone and every call has been answered or is lost. */
  crashed(): void {
    this.#crashes.push({ at: Date.now(), lostReceives: this.#receiving.size });
    this.#receiving.clear();
  }

  /** From here on what is received counts as found. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Acknowledged, not deleted, and not found by the drain. */
  missing(): string[] {
    return [...this.#messages.values()]
      .filter(({ state, deletion, wasDrained }) => state === 'acknowledged' && deletion === 'none' && !wasDrained)
      .map(({ id }) => id);
  }

  #receivedOne(call: ReceiveCall, { id, body, receiptHandle, receiveCount }: Received): Holding {
    const message = this.#messages.get(id);
    if (message === undefined) throw new Error(`received ${id}, which nobody sent`);
    if (digestOf(body) !== message.digest) throw new Error(`received ${id} with another body`);
    const now = Date.now();
    if (now < message.availableAt) throw new Error(`received ${id} before its delay was over`);
    this.#judgeDeletion(message, call);
    this.#judgeVisibility(message, call, receiveCount, now);
    const { incarnation, startedAt, visibilityMs } = call;
    const hiddenUntil = startedAt + visibilityMs;
    const holding: Holding = { message, receiptHandle, receiveCount, incarnation, hiddenUntil };
    // Answers can overtake each other: the receive that happened later stays the newest.
    const { newest } = message;
    const isOvertaken = newest?.incarnation === incarnation && newest.receiveCount > receiveCount;
    if (!isOvertaken) message.newest = holding;
    message.wasDrained ||= this.#isDraining;
    this.counts.received += 1;
    return holding;
  }

  #judgeDeletion(message: TrackedMessage, call: ReceiveCall): void {
    if (message.deletion !== 'acknowledged') return;
    const isExcused = message.excused.has(call) || [...message.excused].some(({ isLost }) => isLost);
    if (!isExcused) throw new Error(`received ${message.id} after its deletion was acknowledged`);
    message.deletion = 'in-doubt';
  }

  #judgeVisibility({ id, newest }: TrackedMessage, call: ReceiveCall, receiveCount: number, now: number): void {
    if (newest === undefined || newest.incarnation !== call.incarnation) return;
    if (newest.receiveCount === receiveCount) throw new Error(`received ${id} twice as its receive ${receiveCount}`);
    if (newest.receiveCount < receiveCount && now < newest.hiddenUntil) {
      throw new Error(`received ${id} while it was in flight`);
    }
  }

  #isNewest(holding: Holding): boolean {
    if (holding.message.newest !== holding) return false;
    return this.#crashes.slice(holding.incarnation).every(({ at, lostReceives }, index) => {
      // In its own incarnation the message was hidden from the receives that were lost, if the end came early enough.
      return lostReceives === 0 || (index === 0 && at < holding.hiddenUntil);
    });
  }

  #message(id: string): TrackedMessage {
    const message = this.#messages.get(id);
    if (message === undefined) throw new Error(`${id} was never sent`);
    return message;
  }
}

function digestOf(body: string): string {
  return createHash('sha256').update(body).digest('base64');
}
