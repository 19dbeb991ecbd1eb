/** Which process has a queue: home knows, and is asked once. */
import type { QueuePath } from '#runtime';
import { NewestMap } from '#std/newestMap';
import type { Channel } from './channel.ts';
import { type RemoteQueue, RemoteQueues } from './remoteQueues.ts';

/** Queues whose place is known; the one asked for longest ago is forgotten first. */
const knownPlacesMax = 10_000;

export class Places {
  /** The queues of the process that started this one. */
  readonly home: RemoteQueues;
  /** Of the partitions 1, 2, and so on. */
  readonly #owners: readonly RemoteQueues[];
  /** Of queues that are not at home. */
  readonly #known = new NewestMap<string, RemoteQueues>(knownPlacesMax);

  constructor(home: Channel, owners: readonly RemoteQueues[], nextCall: () => number) {
    this.#owners = owners;
    this.home = new RemoteQueues(home, nextCall, (path, partition) => this.#elsewhere(path, partition));
  }

  queue(accountId: string, region: string, name: string): RemoteQueue | Promise<RemoteQueue | undefined> {
    if (this.#owners.length === 0) return this.home.queue(accountId, region, name);
    const path = `${accountId}/${region}/${name}`;
    const owner = this.#known.get(path);
    if (owner === undefined) return this.home.queue(accountId, region, name);
    const found = owner.queue(accountId, region, name);
    if (!(found instanceof Promise)) return found;
    return found.then((queue) => {
      if (queue !== undefined) return queue;
      // Deleted, and perhaps made anew in another place.
      if (this.#known.get(path) === owner) this.#known.delete(path);
      return this.home.queue(accountId, region, name);
    });
  }

  async #elsewhere({ accountId, region, name }: QueuePath, partition: number): Promise<RemoteQueue | undefined> {
    const owner = this.#owners[partition - 1];
    if (owner === undefined) throw new Error(`There is no partition ${partition} that the edge knows of.`);
    this.#known.set(`${accountId}/${region}/${name}`, owner);
    return owner.queue(accountId, region, name);
  }
}
