/**
 * Seeded lives of a log store on a disk that takes every liberty (`simulatedDisk.ts`), with limits so small that logs are
 * flushed, carried and merged all the time. A life begins with the opening of what the one before has left, and ends by a
 * close, a kill or a power cut, at rest or in the middle of any operation of the disk, the opening's own included.
 *
 * What holds, and is looked at after every step:
 * - Reads see all that was committed, and of a commit that is under way all or nothing.
 * - After every start all commits that were acknowledged are there, in their order, and what a start has shown stays.
 * - Of a commit that was not answered when the disk stopped all is there or nothing.
 * - A commit that was refused is not seen. Until a later one succeeds it may come to life, whole, by a start: a process
 *   that can't write can't undo either. No two of them do.
 * - Of ranges that the store was told to forget anything may be left. Once that has been deleted, nothing comes back.
 * - A read that the disk fails is rejected. It gives nothing else than what is there, and is right when it succeeds again.
 * - Opening succeeds unless the disk fails it. One that could not read has changed nothing.
 * - What was opened is closed, by an opening that fails as well.
 *
 * `POSTHORN_STORE_SEEDS` asks for more seeds, `POSTHORN_STORE_SEED` for a single one with its transcript.
 */
import { expect, test } from 'vitest';
import { assert } from '#std/assert';
import { Prng } from '#std/prng';
import { diskChanges, faultCodes, isOfDisk, isOfRead, readFaults } from '../../../test/simulation/diskFaults.ts';
import { type DiskOperation, SimulatedDisk } from '../../../test/simulation/simulatedDisk.ts';
import { everything, Model } from '../../../test/simulation/storeModel.ts';
import { Traffic } from '../../../test/simulation/storeTraffic.ts';
import { describeJob, nameOfCut } from '../../../test/simulation/storeTranscript.ts';
import { CommitFailed, type Entry, type KeyRange, type WriteOperation } from '../store.ts';
import { logNumberOf } from './commitLog.ts';
import { type Job, type JobResult, runJob } from './jobs.ts';
import { LogStore, type LogStoreOptions } from './logStore.ts';
import { type Manifest, manifestName, readManifest } from './manifest.ts';
import { tableName, tableNumberOf } from './table.ts';

const single = process.env.POSTHORN_STORE_SEED;
const defaultSeeds = 45;
const seeds = Number(process.env.POSTHORN_STORE_SEEDS ?? defaultSeeds);

/** What has happened over all seeds, by name. */
class Coverage {
  readonly counts = new Map<string, number>();

  note(what: string, times = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + times);
  }
}

type Answer<T> = { readonly value: T } | { readonly error: unknown } | 'stopped';

class Simulation {
  readonly transcript: string[] = [];
  readonly #random: Prng;
  readonly #coverage: Coverage;
  readonly #traffic: Traffic;
  readonly #limits: Omit<LogStoreOptions, 'runJob'>;
  #disk: SimulatedDisk;
  #model = new Model();
  /** Commits since the last one that succeeded: a start may bring one of them to life. */
  #possible: WriteOperation[][] = [];
  /** In this life some operation was told to fail, or the disk was full. */
  #isFaulty = false;
  /** Jobs that wait until they are let go on. */
  #held: (() => void)[] = [];
  #job: Job['kind'] | undefined;
  readonly #flushedLogs = new Set<number>();
  /** What is being removed. */
  #discarded: readonly KeyRange[] | undefined;

  constructor(seed: number, coverage: Coverage) {
    this.#random = new Prng(seed);
    this.#coverage = coverage;
    this.#traffic = new Traffic(this.#random);
    this.#disk = new SimulatedDisk(seed);
    const size = (least: number, most: number) => least + this.#random.below(most - least + 1);
    this.#limits = {
      logBytes: size(2, 16) * 1024,
      allocatedAtOnce: size(1, 16) * 1024,
      logOperations: this.#random.chance(0.2) ? size(5, 50) : 200_000,
      tableBytes: this.#random.chance(0.1) ? 100 * 1024 : size(1024, 4096),
      carriedBytes: this.#random.chance(0.3) ? 0 : size(0, 8000),
      keptBytes: size(0, 4096),
      ballastPieceBytes: size(0, 4096),
    };
    this.#say(JSON.stringify(this.#limits));
  }

  async run(lives: number): Promise<void> {
    for (let life = 1; life <= lives; life += 1) {
      this.#say(`life ${life}`);
      this.#prepareLife();
      const store = await this.#open();
      if (store !== undefined) await this.#live(store);
      await this.#end();
    }
    this.#say('the last start');
    this.#disk.capacity = Number.POSITIVE_INFINITY;
    this.#isFaulty = false;
    const store = await this.#open();
    assert(store !== undefined, 'nothing stops the last start');
    await this.#checkFiles(store);
    this.#valueOf(await this.#answer(store.close()));
    this.#noteCarriedLogs(await this.#disk.names());
  }

  #prepareLife(): void {
    this.#held = [];
    this.#job = undefined;
    if (this.#random.chance(0.7)) this.#disk.capacity = Number.POSITIVE_INFINITY;
    this.#isFaulty = this.#disk.capacity < Number.POSITIVE_INFINITY;
    if (this.#random.chance(0.4)) this.#planCut();
    if (this.#random.chance(0.1)) this.#injectFault();
    if (this.#random.chance(0.1)) this.#injectReadFault();
  }

  #planCut(): void {
    if (this.#random.chance(0.6)) this.#disk.cutAt(1 + this.#random.below(this.#random.pick([12, 100, 600]) as number));
    else
      this.#disk.cutAt(
        1 + this.#random.below(this.#random.pick([2, 10, 30]) as number),
        this.#random.pick(diskChanges),
      );
  }

  /** The store, with what it must hold; undefined if the disk has failed or stopped. */
  async #open(): Promise<LogStore | undefined> {
    // A life that has ended must not reach the disk of the next one.
    const disk = this.#disk;
    const before = this.#isFaulty ? disk.contents() : undefined;
    const answer = await this.#answer(
      LogStore.open(disk, { ...this.#limits, runJob: (job) => this.#runJob(disk, job) }),
    );
    if (answer === 'stopped') {
      this.#noteCut('opening');
      return undefined;
    }
    if ('error' in answer) {
      this.#checkRefusal(answer.error);
      this.#note('failed opening');
      assert(disk.openFiles === 0, `an opening that fails leaves no file open, not ${disk.openFiles}`);
      if (!isOfRead(answer.error)) return undefined;
      expect(disk.contents()).toEqual(before);
      this.#note('opening that could not read');
      return undefined;
    }
    await this.#adopt(answer.value);
    return answer.value;
  }

  /** Takes what a start has found for what must be there from now on, if it may be. */
  async #adopt(store: LogStore): Promise<void> {
    let found = await this.#found(store.scan(everything));
    if (found === undefined) {
      this.#disk.heal();
      found = await store.scan(everything);
    }
    const problem = this.#model.problemWith(found, everything);
    if (problem !== undefined) {
      const models = this.#possible.map((operations) => this.#model.with(operations));
      const alive = models.find((model) => model.problemWith(found, everything) === undefined);
      if (alive === undefined) throw new Error(`after the start ${problem}; ${models.length} commits may be there`);
      this.#model = alive;
      this.#note('commit without an answer that is there');
    } else if (this.#possible.length > 0) {
      this.#note('commit without an answer that is not there');
    }
    this.#possible = [];
  }

  async #live(store: LogStore): Promise<void> {
    // Some lives are quiet ones, so that the background gets far enough for cuts in the midst of it.
    if (this.#random.chance(0.25)) {
      this.#disk.cutAt(1 + this.#random.below(150));
      await this.#answer(store.settled());
    }
    for (let steps = this.#random.below(50); steps > 0 && !this.#disk.isStopped; steps -= 1) {
      if (this.#random.chance(0.03)) this.#disk.cutAt(1 + this.#random.below(3), this.#random.pick(diskChanges));
      const weather = this.#random.next();
      if (weather < 0.07) this.#disturb();
      else if (weather < 0.14) this.#disk.heal();
      if (this.#random.chance(0.2)) await this.#rest(store);
      else if (this.#random.chance(0.3)) this.#letJobsGoOn();
      await this.#commit(store);
      if (this.#random.chance(0.5)) await this.#look(store);
      if (this.#random.chance(0.06)) await this.#discard(store);
    }
    if (this.#disk.isStopped) {
      this.#noteCut('life');
      return;
    }
    if (this.#isFaulty && this.#random.chance(0.5)) await this.#recover(store);
    if (!this.#isFaulty && this.#random.chance(0.3)) await this.#checkFiles(store);
    if (this.#random.chance(0.4)) await this.#close(store);
  }

  /** Lets the background work for a while, or until it has nothing to do. */
  async #rest(store: LogStore): Promise<void> {
    if (this.#random.chance(0.2)) {
      await this.#answer(store.settled());
      return;
    }
    for (let turns = this.#random.below(600); turns > 0; turns -= 1) {
      if (turns % 20 === 0) this.#letJobsGoOn();
      await undefined;
    }
  }

  /** Removes what a queue held, as `removeDiscarded` does, or goes on with that after a failure or another start. */
  async #discard(store: LogStore): Promise<void> {
    if (this.#discarded === undefined && (await this.#commit(store))) {
      this.#discarded = this.#traffic.discardQueue();
      this.#model = this.#model.forgetting(this.#discarded);
    }
    const ranges = this.#discarded;
    if (ranges === undefined || this.#disk.isStopped) return;
    const before = await this.#countOf(store, ranges);
    const forgetting = this.#answer(store.forget(ranges));
    for (let commits = this.#random.below(4); commits > 0 && !this.#disk.isStopped; commits -= 1)
      await this.#commit(store);
    const answer = await forgetting;
    if (answer === 'stopped') {
      this.#note('cut in forgetting');
      return;
    }
    this.#valueOf(answer);
    const left = await this.#countOf(store, ranges);
    this.#say(`of ${before} entries ${left} were not forgotten`);
    if (before !== undefined && left !== undefined && left < before) this.#note('entries forgotten', before - left);
    if (!(await this.#deleteAll(store, ranges)) || !(await this.#commit(store))) return;
    this.#note('discard');
    this.#discarded = undefined;
    this.#model = this.#model.rememberingNothing();
  }

  async #countOf(store: LogStore, ranges: readonly KeyRange[]): Promise<number | undefined> {
    let count = 0;
    for (const { from, to } of ranges) {
      const found = await this.#found(store.scan({ ...everything, from, to }));
      if (found === undefined) return undefined;
      count += found.length;
    }
    return count;
  }

  /** False if that did not succeed. */
  async #deleteAll(store: LogStore, ranges: readonly KeyRange[]): Promise<boolean> {
    for (const { from, to } of ranges) {
      for (;;) {
        if (this.#disk.isStopped) return false;
        const found = await this.#found(store.scan({ from, to, limit: 1 + this.#random.below(20) }));
        if (found === undefined) return false;
        if (found.length === 0) break;
        if (
          !(await this.#commit(
            store,
            found.map(({ key }) => ({ key })),
          ))
        )
          return false;
      }
    }
    return true;
  }

  async #commit(store: LogStore, operations = this.#traffic.operations()): Promise<boolean> {
    const after = this.#model.with(operations);
    let seen: Promise<Entry[] | undefined> | undefined;
    const answer = await this.#answer(store.commit(operations), () => {
      if (this.#random.chance(0.3)) seen = this.#found(store.scan(everything));
    });
    if (answer === 'stopped') {
      this.#say('no answer');
      this.#possible.push(operations);
      return false;
    }
    if (seen !== undefined) this.#checkSeen(await seen, 'error' in answer ? [this.#model] : [this.#model, after]);
    if ('error' in answer) {
      this.#checkRefusal(answer.error);
      assert(answer.error instanceof CommitFailed, `a commit is refused by CommitFailed, not by ${answer.error}`);
      this.#say(`refused: ${String(answer.error)}`);
      this.#note('refused commit');
      this.#possible.push(operations);
      return false;
    }
    this.#model = after;
    this.#possible = [];
    this.#note('commit');
    return true;
  }

  /** Once nothing fails any more commits succeed, sooner or later, and all is as it would be. */
  async #recover(store: LogStore): Promise<void> {
    this.#disk.heal();
    this.#say('nothing fails any more');
    for (let attempts = 300; !(await this.#commit(store)); attempts -= 1) {
      if (this.#disk.isStopped) return;
      assert(attempts > 0, 'commits succeed once nothing fails any more');
    }
    this.#note('recovery');
    await this.#look(store);
    // Steps that failed go last, and come again one by one.
    for (let times = 0; times < 3; times += 1) await this.#answer(store.settled());
    await this.#checkFiles(store);
  }

  async #close(store: LogStore): Promise<void> {
    const isCompacted = this.#random.chance(0.3);
    this.#say(isCompacted ? 'compact and close' : 'close');
    if (this.#random.chance(0.4)) this.#disk.cutAt(1 + this.#random.below(isCompacted ? 100 : 15));
    const compacting = isCompacted ? await this.#answer(store.compact()) : { value: undefined };
    if (compacting !== 'stopped' && 'error' in compacting) this.#checkRefusal(compacting.error);
    const answer = compacting === 'stopped' ? compacting : await this.#answer(store.close());
    if (answer === 'stopped') this.#noteCut('close');
    else {
      this.#valueOf(answer);
      assert(this.#disk.openFiles === 0, `a store that is closed leaves no file open, not ${this.#disk.openFiles}`);
    }
    this.#note('close');
  }

  async #look(store: LogStore): Promise<void> {
    if (this.#disk.isStopped) return;
    for (let gets = this.#random.below(3); gets > 0; gets -= 1) {
      const key = (this.#random.chance(0.5) ? this.#model.someKey(this.#random) : undefined) ?? this.#traffic.key();
      const answer = await this.#found(store.get(key).then((value) => ({ value })));
      if (answer !== undefined) this.#checkValue(key, answer.value);
    }
    const [a, b] = [this.#traffic.key(), this.#traffic.key()].sort(Buffer.compare) as [Buffer, Buffer];
    const limit = this.#random.chance(0.5) ? 1 + this.#random.below(5) : 1000;
    const maxBytes = this.#random.chance(0.3) ? this.#random.below(2000) : Number.POSITIVE_INFINITY;
    const range = this.#random.chance(0.15) ? everything : { from: a, to: b, limit, maxBytes };
    this.#checkSeen(await this.#found(store.scan(range)), [this.#model], range);
  }

  /** What a read gives; undefined if the disk fails it. */
  async #found<T>(reading: Promise<T>): Promise<T | undefined> {
    try {
      return await reading;
    } catch (error) {
      if (!this.#isFaulty || !isOfRead(error)) throw error;
      this.#note('failed read');
      return undefined;
    }
  }

  #checkValue(key: Buffer, found: Uint8Array | undefined): void {
    const wanted = this.#model.get(key);
    const isRight = found === undefined ? wanted === undefined : wanted?.equals(found);
    if (!isRight)
      throw new Error(`get(${key.toString('hex')}) is wrong: ${found?.length} bytes, not ${wanted?.length}`);
  }

  #checkSeen(found: readonly Entry[] | undefined, models: readonly Model[], range = everything): void {
    if (found === undefined) return;
    const problems = models.map((model) => model.problemWith(found, range));
    if (!problems.includes(undefined)) throw new Error(`a scan is wrong: ${problems[0]}`);
  }

  /** When nothing is left to do the directory has what the manifest names, and nothing else but a log or two. */
  async #checkFiles(store: LogStore): Promise<void> {
    const answer = await this.#answer(store.settled());
    if (answer === 'stopped') {
      this.#noteCut('life');
      return;
    }
    const manifest = this.#readManifest();
    const tables = manifest.runs.flatMap((run) => run.map(({ table }) => tableName(table))).sort();
    const names = await this.#disk.names();
    const found = names.filter((name) => tableNumberOf(name) !== undefined).sort();
    const [missing, left] = [
      tables.filter((name) => !found.includes(name)),
      found.filter((name) => !tables.includes(name)),
    ];
    assert(
      missing.length + left.length === 0,
      `of the tables ${missing.join()} are missing, and ${left.join()} left over`,
    );
    const logs = names.map(logNumberOf).filter((number) => number !== undefined);
    assert(logs.length <= 3, `at most three logs are kept, not ${logs.join()}`);
    // One more may be there whose making has failed.
    const newest = this.#isFaulty ? logs.find((number) => number === manifest.lastLog) : Math.max(...logs);
    assert(newest === manifest.lastLog, `the manifest tells of log ${manifest.lastLog}, with ${logs.join()} there`);
    this.#note('settled directory');
  }

  #readManifest(): Manifest {
    const manifest = readManifest(this.#disk, [manifestName]);
    if (manifest === undefined || typeof manifest === 'string') throw new Error(`the manifest: ${manifest}`);
    return manifest;
  }

  /** The process dies, in whatever it is about, and perhaps the machine with it. */
  async #end(): Promise<void> {
    // Only a power cut tears a log write.
    if (this.#random.chance(this.#disk.stoppedAt?.operation === 'write' ? 0.35 : 0.5)) {
      this.#say('kill');
      this.#note('kill');
      this.#disk = this.#disk.afterKill();
    } else {
      this.#disk = this.#disk.afterPowerCut();
      this.#say(`power cut, ${this.#disk.tornWrites} torn writes`);
      this.#note('power cut');
      this.#note('torn write', this.#disk.tornWrites);
    }
  }

  async #runJob(disk: SimulatedDisk, job: Job): Promise<JobResult> {
    if (disk.isStopped) return new Promise(() => {});
    this.#job = job.kind;
    if (this.#random.chance(0.5)) await new Promise<void>((resolve) => this.#held.push(resolve));
    try {
      const result = await runJob(disk, job);
      this.#noteJob(job, result);
      return result;
    } catch (error) {
      this.#say(`a ${job.kind} fails: ${String(error)}`);
      if (isOfRead(error)) this.#note('job that could not read');
      throw error;
    } finally {
      this.#job = undefined;
    }
  }

  #letJobsGoOn(): void {
    for (const goOn of this.#held.splice(0)) goOn();
  }

  /** What the store answers, or that it will not since the disk has stopped. `meanwhile` is called some time before. */
  async #answer<T>(promise: Promise<T>, meanwhile: () => void = () => undefined): Promise<Answer<T>> {
    let answer: Answer<T> | undefined;
    promise.then(
      (value) => {
        answer = { value };
      },
      (error: unknown) => {
        answer = { error };
      },
    );
    const turnOfMeanwhile = this.#random.below(30);
    for (let turn = 0; answer === undefined && !this.#disk.isStopped; turn += 1) {
      if (turn === turnOfMeanwhile) meanwhile();
      if (turn >= patientTurns) this.#letJobsGoOn();
      assert(turn < mostTurns, 'the store answers');
      await undefined;
    }
    return answer ?? 'stopped';
  }

  #valueOf<T>(answer: Answer<T>): T {
    if (answer === 'stopped') throw new Error('the disk has stopped');
    if ('error' in answer) throw answer.error;
    return answer.value;
  }

  #injectFault(): void {
    const code = this.#random.pick(faultCodes) as string;
    this.#failNext(this.#random.pick(diskChanges) as DiskOperation, code);
    // What a failure has left must be right even if nothing comes after it.
    if (this.#random.chance(0.3)) this.#disk.cutAt(1 + this.#random.below(15));
  }

  #failNext(operation: DiskOperation, code: string): void {
    const times = this.#random.chance(0.2) ? 20 : 1 + this.#random.below(3);
    this.#say(`the next ${operation} fails with ${code}, ${times} times`);
    this.#isFaulty = true;
    this.#disk.failNext(code, operation, times, this.#random.chance(0.5) ? 0 : this.#random.below(8));
  }

  /** Once, for a while, or for one file until all is well again. */
  #injectReadFault(): void {
    const name = this.#random.chance(0.4) ? this.#random.pick([...this.#disk.contents().keys()]) : undefined;
    if (name === undefined) {
      const { operation, code } = this.#random.pick(readFaults) as (typeof readFaults)[number];
      this.#failNext(operation, code);
      return;
    }
    this.#say(`${name} can not be read`);
    this.#isFaulty = true;
    this.#disk.failReadsOf(name);
  }

  #disturb(): void {
    const kind = this.#random.below(7);
    if (kind === 0) this.#fillDisk();
    else if (kind === 1) this.#makeFlaky();
    else if (kind <= 4) this.#injectFault();
    else this.#injectReadFault();
  }

  #makeFlaky(): void {
    this.#disk.flakiness = this.#random.pick([0.03, 0.1, 0.3]) as number;
    this.#say(`of all operations ${this.#disk.flakiness} fail`);
    this.#isFaulty = true;
  }

  #fillDisk(): void {
    this.#disk.capacity = this.#disk.bytes + this.#random.below(this.#random.pick([5000, 50_000, 1_500_000]) as number);
    this.#say(`the disk has ${this.#disk.capacity - this.#disk.bytes} bytes left`);
    this.#isFaulty = true;
  }

  #checkRefusal(error: unknown): void {
    if (this.#isFaulty && (error instanceof CommitFailed || isOfDisk(error))) return;
    throw new Error(`nothing was told to fail, but: ${String(error)}`, { cause: error });
  }

  #noteJob(job: Job, result: JobResult): void {
    this.#say(describeJob(job, result));
    this.#note(job.kind);
    if (job.kind === 'flush') {
      this.#flushedLogs.add(logNumberOf(job.log) ?? 0);
      return;
    }
    if (result.kind === 'merge' && result.upTo !== undefined) this.#note('merge that goes on');
    if (result.kind === 'merge' && result.tables.length === 0) this.#note('merge that leaves nothing');
    if (job.inputs.length > 2) this.#note('merge of several runs');
    if (job.inputs.flat().some(({ from }) => from !== undefined)) this.#note('merge of the rest of a table');
  }

  #noteCut(during: 'opening' | 'life' | 'close'): void {
    const { operation, name } = this.#disk.stoppedAt ?? { operation: 'none', name: '' };
    this.#say(`stopped in ${operation} ${name}`);
    this.#note(`cut in ${during === 'life' ? nameOfCut(operation, name, this.#job) : during}`);
  }

  #noteCarriedLogs(names: readonly string[]): void {
    const numbers = names.map(logNumberOf).filter((number) => number !== undefined);
    const oldest = Math.min(...numbers);
    const flushed = [...this.#flushedLogs].filter((number) => number < oldest).length;
    this.#note('log released without a flush', Math.max(0, oldest - 1 - flushed));
  }

  #note(what: string, times = 1): void {
    this.#coverage.note(what, times);
  }

  #say(line: string): void {
    this.transcript.push(line);
  }
}

/** Microtasks that an answer may take before jobs that are held back may be what it waits for. */
const patientTurns = 400;
const mostTurns = 1_000_000;

async function runSeed(seed: number, coverage: Coverage): Promise<Simulation> {
  const simulation = new Simulation(seed, coverage);
  try {
    await simulation.run(8);
  } catch (error) {
    const again = `POSTHORN_STORE_SEED=${seed} npx vitest run src/storage/embedded/logStore.simulation.test.ts`;
    const end = simulation.transcript.slice(-15).join('\n');
    throw new Error(`seed ${seed}: ${(error as Error).message}\nrun it again: ${again}\n\n${end}`, { cause: error });
  }
  return simulation;
}

const everythingThatHappens = [
  ...['commit', 'refused commit', 'recovery', 'failed opening', 'settled directory', 'close', 'kill', 'power cut'],
  ...['torn write', 'commit without an answer that is there', 'commit without an answer that is not there'],
  ...['flush', 'log released without a flush', 'merge', 'merge that goes on', 'merge that leaves nothing'],
  ...[
    'merge of the rest of a table',
    'merge of several runs',
    'cut in opening',
    'cut in close',
    'cut in a log write',
    'cut in a flush',
  ],
  ...['cut in a merge', 'cut in the writing of the manifest', 'cut in the renaming of the manifest'],
  ...['discard', 'entries forgotten', 'cut in forgetting'],
  ...['failed read', 'opening that could not read', 'job that could not read'],
  ...['cut in a sync of the directory', 'cut in the making of a log', 'cut in a removal', 'cut in the ballast'],
];

if (single === undefined) {
  test(`loses nothing and keeps what is refused out, ${seeds} seeds`, { timeout: 60_000 + seeds * 500 }, async () => {
    const coverage = new Coverage();
    for (let seed = 0; seed < seeds; seed += 1) await runSeed(seed, coverage);
    const counts = Object.fromEntries(everythingThatHappens.map((what) => [what, coverage.counts.get(what) ?? 0]));
    if (process.env.POSTHORN_STORE_SEEDS !== undefined) process.stdout.write(`${JSON.stringify(counts, null, 1)}\n`);
    const missing = Object.keys(counts).filter((what) => counts[what] === 0);
    if (seeds >= defaultSeeds) expect(missing).toEqual([]);
  });
} else {
  test(`loses nothing and keeps what is refused out, seed ${single}`, { timeout: 60_000 }, async () => {
    const { transcript } = await runSeed(Number(single), new Coverage());
    process.stdout.write(`${transcript.join('\n')}\n`);
    expect(transcript.length).toBeGreaterThan(8);
  });
}
