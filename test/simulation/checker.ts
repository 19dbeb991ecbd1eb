/**
 * What clients were promised, and whether it is kept. It knows only what a client can know: calls made and answers got.
 *
 * - A message whose send was refused, or which was never sent, is never received.
 * - A message is received with the body it was sent with, not before its delay is over, not after its retention.
 * - A message whose deletion was acknowledged is never received again.
 * - While a message is in flight nobody else receives it, as long as the server has not restarted or lost a commit.
 * - In the end, everything acknowledged, not deleted and not expired is received.
 */
export type SendState = 'pending' | 'acknowledged' | 'refused' | 'in-doubt';

export interface TrackedMessage {
  readonly body: string;
  readonly sentAfter: number;
  readonly delayMs: number;
  state: SendState;
  /** Acknowledged at the latest by then; expiry counts from a moment between `sentAfter` and this. */
  answeredAt: number;
  deletion: 'none' | 'in-doubt' | 'acknowledged';
  /** Receives that were under way together with its deletion: one of them may have been the newer one. */
  excused: ReadonlySet<number>;
  newest: Holding | undefined;
  /** When its visibility was last changed; Infinity while a change is under way. */
  touchedAtStep: number;
}

export interface Holding {
  readonly attempt: number;
  readonly answeredAtStep: number;
  readonly incarnation: number;
  invisibleUntil: number;
}

interface Times {
  readonly now: number;
  readonly lag: number;
}

export class Checker {
  readonly messages = new Map<string, TrackedMessage>();
  /** Receives that were called and not answered yet. */
  readonly receiving = new Set<number>();
  /** The receives that may come before one of the deletions that are under way. */
  readonly deleting = new Set<Set<number>>();
  /** The step in which a receive last ended without its answer: its messages may have newer receipts than anybody has. */
  lastLostReceive = -1;
  /** Receives whose answer nobody got. */
  readonly lostReceives = new Set<number>();
  /** Counts restarts and lost commits. */
  incarnation = 0;
  readonly retentionMs: number;

  constructor(retentionMs: number) {
    this.retentionMs = retentionMs;
  }

  /** `lag`: how long the answer may have waited for its commit since the message was taken out. */
  received(id: string, body: string, receive: number, attempt: number, { now, lag }: Times): TrackedMessage {
    const message = this.messages.get(id);
    if (message === undefined) throw new Error(`received ${id}, which nobody sent`);
    if (message.body !== body) throw new Error(`received ${id} with another body`);
    if (message.state === 'refused') throw new Error(`received ${id}, whose send was refused`);
    const excused = message.excused.has(receive) || [...message.excused].some((each) => this.lostReceives.has(each));
    if (message.deletion === 'acknowledged' && !excused) {
      throw new Error(`received ${id} after its deletion was acknowledged`);
    }
    if (now < message.sentAfter + message.delayMs) throw new Error(`received ${id} before its delay was over`);
    if (now - lag > message.answeredAt + this.retentionMs) throw new Error(`received ${id} after its retention`);
    const { newest } = message;
    const wasNewer = newest !== undefined && newest.incarnation === this.incarnation && newest.attempt < attempt;
    if (wasNewer && now < newest.invisibleUntil) {
      throw new Error(`received ${id} while it was in flight until ${newest.invisibleUntil}`);
    }
    if (message.deletion === 'acknowledged') message.deletion = 'in-doubt';
    return message;
  }

  /** Whether the holder of a receipt may take an acknowledged deletion for a fact. */
  isSurelyNewest(message: TrackedMessage, holding: Holding): boolean {
    return message.newest === holding && this.lastLostReceive < holding.answeredAtStep;
  }

  /** A message that must still be there. */
  mustExist(message: TrackedMessage, now: number): boolean {
    return (
      message.state === 'acknowledged' && message.deletion === 'none' && now < message.sentAfter + this.retentionMs
    );
  }
}
