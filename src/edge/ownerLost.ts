/** A process that owned queues ended: what was asked of it may have been done or not, and is not to be done again. */
export class OwnerLost extends Error {
  constructor() {
    super('The process that owned the queue has ended.');
    this.name = 'OwnerLost';
  }
}
