import { expect, test } from 'vitest';
import { required } from '#std/assert';
import { joined } from '#std/splitBytes';
import { CommitFailed, type WriteOperation } from '#storage';
import { moveTaskRange } from '#storage/keys';
import { MemoryStore } from '#storage/memory';
import { decodeMoveTask, type MoveTaskRecord } from '#storage/records';
import { Partition } from './partition.ts';

const path = (name: string) => ({ accountId: '000000000000', region: 'us-east-1', name });
const settings = { visibilityTimeoutMs: 30_000, delayMs: 0, retentionMs: 345_600_000, maxInFlight: 120_000 };

/** Refuses the first commit that says of a task that it has moved something, and reads more slowly than it writes. */
class RefusingStore extends MemoryStore {
  refused: () => void = () => undefined;
  /** What tasks had moved, by each commit. */
  readonly moved: number[] = [];
  #hasRefused = false;

  override async commit(operations: readonly WriteOperation[]): Promise<void> {
    if (!this.#hasRefused && taskIn(operations)?.moved === 1) {
      this.#hasRefused = true;
      this.refused();
      throw new CommitFailed('no-space', 'full');
    }
    await super.commit(operations);
    const task = taskIn(operations);
    if (task !== undefined) this.moved.push(task.moved);
  }

  override async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const value = await super.get(key);
    for (let turns = 0; turns < 5; turns += 1) await new Promise(setImmediate);
    return value;
  }
}

function taskIn(operations: readonly WriteOperation[]): MoveTaskRecord | undefined {
  const [first = 0] = moveTaskRange().from;
  const value = operations.find(({ key }) => key[0] === first)?.value;
  return value && decodeMoveTask(joined(value));
}

test('who cancels after a failed commit says what was moved, however many do so at once', async () => {
  const store = new RefusingStore();
  const refused = new Promise<void>((resolve) => {
    store.refused = resolve;
  });
  // Time stands still: the task itself does not look again.
  const clock = { now: () => 0, schedule: () => () => undefined, nextTurn: () => new Promise<void>(setImmediate) };
  const partition = await Partition.open(store, { clock });
  const create = async (name: string) => {
    await partition.createQueue({ ...path(name), settings, attributes: {}, tags: {} });
    return open(name);
  };
  const open = async (name: string) => required(await partition.queue('000000000000', 'us-east-1', name), name);
  await create('other');
  const dead = await create('dead');
  await dead.send([1, 2, 3].map((each) => ({ messageId: Buffer.alloc(16, each), payload: Buffer.of(each) })));
  const { taskId } = await partition.moves.start({ source: dead, destination: path('other'), messagesPerSecond: 1 });
  await refused;
  // The task hears of it in this turn, those who cancel come in the next.
  await clock.nextTurn();
  const source = await open('dead');
  await Promise.all([1, 2].map(() => partition.moves.cancel(source, taskId)));
  expect(await partition.moves.list(source, 1)).toMatchObject([{ moved: 0 }]);
  expect(new Set(store.moved)).toEqual(new Set([0]));
  expect(source.depth().visible).toBe(3);
  await partition.close();
});
