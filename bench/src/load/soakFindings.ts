/** What a soak found that must not be. Any of them fails the run. */
export type Fault =
  /** Received once more although it was in flight, or although its delete had been acknowledged. */
  | 'doubled'
  /** Acknowledged, and not there when the queue was drained. */
  | 'lost'
  /** Of a FIFO queue: received before an earlier message of its group. */
  | 'disordered'
  /** Received with other bytes than were sent, or never sent. */
  | 'altered'
  /** Answered with an error, or not as the request was to be answered. */
  | 'refused'
  /** A connection that ended although no process had been killed. */
  | 'disconnected'
  /** Left over in a queue that everything had been deleted from. */
  | 'left over';

const toldPerFault = 5;

export class Findings {
  readonly counts = new Map<Fault, number>();
  /** The first few of each fault, in words. */
  readonly examples: string[] = [];

  add(fault: Fault, what: string, times = 1): void {
    const before = this.counts.get(fault) ?? 0;
    this.counts.set(fault, before + times);
    if (before < toldPerFault) this.examples.push(`${fault}: ${what}`);
  }

  count(fault: Fault): number {
    return this.counts.get(fault) ?? 0;
  }

  get none(): boolean {
    return this.counts.size === 0;
  }
}
