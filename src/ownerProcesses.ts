/** The queues of a server, in this process or spread over several. A part of `server.ts`. */
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { FaultRules, Metrics } from './admin/index.ts';
import type { Faults } from './aws/index.ts';
import type { Door } from './owners/calls.ts';
import { serverMark, storedPartitions, storePartitions } from './owners/marks.ts';
import type { OwnerPool } from './owners/ownerPool.ts';
import type { SpreadQueues } from './owners/spreadQueues.ts';
import { partitionDirectory } from './partitionDirectories.ts';
import { type DataKeys, type Elsewhere, Partition, type PartitionOptions, type ServedQueues } from './runtime/index.ts';
import type { PosthornOptions } from './server.ts';
import { usualEncryption } from './services/sqs/encryption.ts';
import { required } from './std/assert.ts';
import type { Store } from './storage/store.ts';

interface Surroundings {
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Where the program `owner` lies: the folder of `server.js`. */
  readonly folder: string;
}

export interface RunningQueues {
  /** Of this process; everything but queues of clients lies there. */
  readonly home: Partition;
  /** All of them. */
  readonly queues: ServedQueues & Pick<SpreadQueues, 'answerWaiting' | 'queue'>;
  /** Where the processes at the edge reach those of the others. */
  readonly doors: readonly Door[];
  /** Resolves with the reason if one of the others has died: the server can't go on then. */
  readonly failed: Promise<Error>;
  /** Move tasks go on, and messages leave for queues of other processes. */
  begin(dataKeys: DataKeys): void;
  /** The same rules; whoever sets one hears of it when it holds everywhere. */
  told(faults: Faults): FaultRules;
  /** The last thing: finishes what was accepted and closes the stores. */
  close(): Promise<void>;
}

/** Queues that are gone when the server stops are not worth several processes. */
export function checkOwners({ owners = 1, memory = false }: PosthornOptions): void {
  if (owners === 1 || !memory) return;
  const text = 'In memory all queues are in one process: leave owners at 1, or let them be stored.';
  throw Object.assign(new Error(text), { exitCode: 2 });
}

/** As many partitions as there are, or as are asked for if those are more. Closes the store if that can't be. */
export async function openQueues(
  options: PosthornOptions,
  store: Store,
  surroundings: Surroundings,
): Promise<RunningQueues> {
  try {
    const stored = await storedPartitions(store);
    const partitions = Math.max(options.owners ?? 1, stored);
    if (partitions > 1) return await openSpread(options, store, { stored, partitions }, surroundings);
    const home = await Partition.open(store, reports(surroundings));
    return {
      ...{ home, queues: home, doors: [], failed: new Promise(() => undefined) },
      begin: () => undefined,
      told: (faults) => faults,
      close: () => home.close(),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** What partitions ask of each other goes through this process; nobody asks before all of it is there. */
interface Parts {
  home?: Partition;
  queues?: SpreadQueues;
  dataKeys?: DataKeys;
}

async function openSpread(
  options: PosthornOptions,
  store: Store,
  counts: { readonly stored: number; readonly partitions: number },
  surroundings: Surroundings,
): Promise<RunningQueues> {
  const { SpreadQueues } = await import('./owners/spreadQueues.ts');
  const parts: Parts = {};
  const { pool, failed } = await startOwners(options, await serverMark(store), counts, parts, surroundings);
  try {
    // No queue lies in a new partition before this is written: one that is missing later was lost.
    if (counts.partitions > counts.stored) await storePartitions(store, counts.partitions);
    const elsewhere: Elsewhere = {
      known: (path) => parts.queues?.known(path),
      find: async (path) => parts.queues?.findElsewhere(path),
      ship: (to, letters) => ownerOf(pool, to).takeLetters(0, letters),
    };
    const home = await Partition.open(store, { ...reports(surroundings), elsewhere, startTasks: false });
    const queues = new SpreadQueues(home, pool.owners);
    Object.assign(parts, { home, queues });
    return {
      ...{ home, queues, doors: pool.doors, failed },
      begin: (dataKeys) => {
        parts.dataKeys = dataKeys;
        home.begin();
        pool.begin();
      },
      told: (faults) => toldFaults(faults, pool),
      close: async () => {
        await home.stopLetters();
        await pool.close();
        await home.close();
      },
    };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

const lostExitCode = 70;

async function startOwners(
  { dataDir = './posthorn-data', managedEncryption = usualEncryption }: PosthornOptions,
  mark: string,
  { stored, partitions }: { readonly stored: number; readonly partitions: number },
  parts: Parts,
  { metrics, log, folder }: Surroundings,
): Promise<{ pool: OwnerPool; failed: Promise<Error> }> {
  const { OwnerPool } = await import('./owners/ownerPool.ts');
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((resolve) => {
    fail = resolve;
  });
  const pool: OwnerPool = await OwnerPool.open({
    partitions: Array.from({ length: partitions - 1 }, (_, index) => {
      const number = index + 1;
      return { number, directory: partitionDirectory(dataDir, number), isNew: number >= stored };
    }),
    program: fileURLToPath(new URL('owner.js', folder)),
    ...{ mark, managedEncryption, log },
    home: {
      find: async (path, asker) => parts.queues?.findFor(asker, path),
      ship: async (from, to, letters) => {
        const destination = to === 0 ? required(parts.home, 'home is open') : ownerOf(pool, to);
        return destination.takeLetters(from, letters);
      },
      keysMoved: async (dataKeyIds) => parts.dataKeys?.noteMovedKeys(dataKeyIds),
    },
    onCommit: (measured) => metrics.committed(measured),
    onCommitFailed: () => metrics.commitFailed(),
    onLost: (sentence) => {
      log.fatal(sentence);
      fail(Object.assign(new Error(sentence), { exitCode: lostExitCode }));
    },
  });
  return { pool, failed };
}

function ownerOf({ owners }: OwnerPool, partition: number): OwnerPool['owners'][number] {
  return required(owners[partition - 1], 'an owner of that number');
}

/** Those at the edge ask the owners whether they may do a call there. */
function toldFaults(faults: Faults, pool: OwnerPool): FaultRules {
  const tell = () => Promise.all(pool.owners.map((each) => each.mustForward(faults.isArmed)));
  // An owner that can't be told has died, and the server ends for that.
  faults.onSpent(() => tell().catch(() => undefined));
  return {
    list: () => faults.list(),
    add: async (given) => {
      const added = faults.add(given);
      await tell();
      return added;
    },
    remove: async (id) => {
      const removed = faults.remove(id);
      await tell();
      return removed;
    },
  };
}

function reports({ metrics, log }: Surroundings): PartitionOptions {
  let failing = false;
  return {
    onCommit: (measured) => {
      metrics.committed(measured);
      if (failing) log.info('the store takes writes again');
      failing = false;
    },
    onFailure: (error) => {
      metrics.commitFailed();
      // A full disk fails every commit; the first says it all.
      if (!failing) log.error({ err: error }, 'a commit failed; what it held is refused, as is what can not be stored');
      failing = true;
    },
    onError: (error) => log.error({ err: error }, 'background work failed'),
  };
}
