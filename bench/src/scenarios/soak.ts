import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { localResultsFolder, program, resultsFolder } from '../folders.ts';
import { SoakFifoLedger } from '../load/soakFifoLedger.ts';
import { Findings } from '../load/soakFindings.ts';
import { SoakLedger } from '../load/soakLedger.ts';
import { type Minute, SoakLoad } from '../load/soakLoad.ts';
import { messagesPerSend } from '../load/soakProducer.ts';
import { SoakQueue, type SoakTarget } from '../load/soakQueue.ts';
import { describeMachine, type Machine } from '../machine.ts';
import { removeTemporaryFolder, temporaryFolder } from '../processes.ts';
import { RunningServer } from '../servers/launch.ts';
import { posthorn } from '../servers/posthorn.ts';
import type { Server } from '../servers/server.ts';
import { countMessages, Queue } from './queue.ts';
import { readSoakArguments, type SoakArguments, soakUsage } from './soakArguments.ts';
import { type MemorySample, sampleMemory, type Trend, trendOf, wholeSamples } from './soakMemory.ts';
import { SoakKills } from './soakProcesses.ts';
import { type SoakReport, soakMarkdown } from './soakReport.ts';

const peakWarmUpSeconds = 5;
const peakSeconds = 10;
const shareOfPeak = 0.7;
const sampleSeconds = 10;
const fifoGroups = 512;
/** A connection may die of a kill so long after it, as the system tells it at once. */
const killExplainsMilliseconds = 5_000;
/** What a killed process took comes back after 30 s; several times that is more than enough. */
const drainLimitMilliseconds = 150_000;
/** A shorter soak shows how a server starts, and not whether it grows. */
const judgedMinutes = 15;
const keptMinutes = 30;

/** What is going on in one soak. */
type Soak = {
  readonly given: SoakArguments;
  readonly running: RunningServer;
  readonly heapFolder: string;
  readonly findings: Findings;
  readonly kills: SoakKills;
  readonly load: SoakLoad;
  readonly queues: readonly Queue[];
};

type Course = Pick<SoakReport, 'peak' | 'rate' | 'minutes' | 'samples' | 'trends'> & { readonly failure?: string };

/** The program of `--scenario soak`; whether nothing was lost, doubled or out of order, and memory stayed flat. */
export async function soak(words: readonly string[]): Promise<boolean> {
  const given = readSoakArguments(words);
  if (given === 'help') {
    console.log(soakUsage);
    return true;
  }
  const dataParent = temporaryFolder(given.dataFolder);
  const heapFolder = join(dataParent, 'heaps');
  mkdirSync(heapFolder);
  const server = soakedServer(given, heapFolder);
  await server.prepare();
  const machine = describeMachine(dataParent);
  const running = await RunningServer.start(server, dataParent);
  try {
    const report = await run(given, running, heapFolder, machine);
    publish(report, given.minutes >= keptMinutes ? resultsFolder : localResultsFolder);
    return report.passed;
  } finally {
    await running.stopAndForget();
    removeTemporaryFolder(dataParent);
  }
}

function soakedServer({ posthorn: command, threads }: SoakArguments, heapFolder: string): Server {
  const server = posthorn(threads === undefined ? command : `${command} --threads ${threads}`);
  const probe = `--import ${new URL(`file://${program('load/soakHeapProbe.js')}`).href}`;
  return {
    ...server,
    command: (port, dataFolder) => ({
      ...server.command(port, dataFolder),
      environment: { NODE_OPTIONS: probe, BENCH_HEAP_FOLDER: heapFolder },
    }),
  };
}

async function run(
  given: SoakArguments,
  running: RunningServer,
  heapFolder: string,
  machine: Machine,
): Promise<SoakReport> {
  const findings = new Findings();
  const kills = new SoakKills(running.pid);
  const { targets, queues } = await createTargets(running, findings);
  let cutRequests = 0;
  const load = new SoakLoad(running.port, targets, (error) => {
    cutRequests += 1;
    if (!kills.explainsDeath(killExplainsMilliseconds)) findings.add('disconnected', String(error));
  });
  const soaked: Soak = { given, running, heapFolder, findings, kills, load, queues };
  try {
    const course = await watch(soaked);
    const isFlat = given.minutes < judgedMinutes || course.trends.every((trend) => trend.isFlat);
    return {
      finishedAt: new Date().toISOString(),
      machine,
      note: running.server.note,
      given,
      ...course,
      kills: kills.count,
      cutRequests,
      totals: load.counts,
      checkerBytes: targets.reduce((sum, { ledger }) => sum + ('keptBytes' in ledger ? ledger.keptBytes : 0), 0),
      findings: { counts: Object.fromEntries(findings.counts), examples: findings.examples },
      judgesMemory: given.minutes >= judgedMinutes,
      passed: findings.none && isFlat && course.failure === undefined,
    };
  } finally {
    load.close();
  }
}

async function createTargets(running: RunningServer, findings: Findings) {
  const queues: Queue[] = [];
  const targets: SoakTarget[] = [];
  for (const name of ['s0', 's1', 'f0']) {
    const isFifo = name.startsWith('f');
    const created = await Queue.create(running, { fifo: isFifo });
    const queue = new SoakQueue(name, running.port, created.url, findings);
    queues.push(created);
    if (isFifo) {
      const ledger = new SoakFifoLedger(name, fifoGroups, findings);
      targets.push({ kind: 'fifo', queue, ledger, groups: fifoGroups });
    } else targets.push({ kind: 'standard', queue, ledger: new SoakLedger(name, findings) });
  }
  return { queues, targets };
}

/** Peak, soak and drain; a failure on the way still leaves what was seen until then. */
async function watch(soaked: Soak): Promise<Course> {
  const { given, load, kills, running, heapFolder } = soaked;
  const minutes: Minute[] = [];
  const samples: MemorySample[] = [];
  let peak: number | undefined;
  let rate = given.rate ?? 0;
  let failure: string | undefined;
  const timers: NodeJS.Timeout[] = [];
  try {
    if (given.rate === undefined) {
      console.error('measuring the peak ...');
      peak = await load.peak(peakWarmUpSeconds, peakSeconds);
      rate = peak * shareOfPeak;
    }
    console.error(`${Math.round(rate)} messages/s${peak === undefined ? '' : `, of a peak of ${Math.round(peak)}`}`);
    const startedAt = performance.now();
    const look = (): void => {
      samples.push(sampleMemory(running.pid, heapFolder, (performance.now() - startedAt) / 1000));
    };
    timers.push(setInterval(look, sampleSeconds * 1000));
    timers.push(setInterval(() => kills.killOne(), given.killEverySeconds * 1000));
    await load.paced(rate / messagesPerSend, given.minutes, (minute) => {
      minutes.push(minute);
      tell(minute, samples.at(-1));
    });
    for (const timer of timers) clearInterval(timer);
    await drain(soaked);
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
    if (running.ended) failure = `${failure}; the server ended: ${running.lastWords()}`;
    console.error(`FAILED: ${failure}`);
  } finally {
    for (const timer of timers) clearInterval(timer);
  }
  return { peak, rate, minutes, samples, trends: trendsOf(samples), ...(failure !== undefined && { failure }) };
}

async function drain({ load, queues, running, findings }: Soak): Promise<void> {
  const count = async (): Promise<number> => {
    const counts = await Promise.all(queues.map(({ url }) => countMessages(running.port, url)));
    return counts.reduce((sum, one) => sum + one, 0);
  };
  console.error('draining ...');
  await load.drain(drainLimitMilliseconds, async () => (await count()) === 0);
  const left = await count();
  if (left > 0) findings.add('left over', `${left} messages are counted in the drained queues`, left);
}

function trendsOf(samples: readonly MemorySample[]): Trend[] {
  const whole = wholeSamples(samples);
  const all = [
    trendOf('resident, all processes', whole, (sample) => sample.mainResident + sample.workersResident),
    trendOf('resident, main process', samples, (sample) => sample.mainResident),
    trendOf('anonymous, main process', samples, (sample) => sample.mainAnonymous),
    trendOf('heap in use, main process', samples, (sample) => sample.mainHeap),
    trendOf('resident, edge workers', whole, (sample) => sample.workersResident),
    trendOf('anonymous, edge workers', whole, (sample) => sample.workersAnonymous),
    trendOf('heap in use, edge workers', whole, (sample) => sample.workersHeap),
  ];
  return all.filter((trend) => trend !== undefined);
}

function tell(minute: Minute, sample: MemorySample | undefined): void {
  const resident = ((sample?.mainResident ?? 0) + (sample?.workersResident ?? 0)) / 2 ** 20;
  console.error(
    `  minute ${minute.minute}: ${minute.sent} sent, ${minute.deleted} deleted, ${minute.backlog} there, ` +
      `p99 ${minute.p99Milliseconds.toFixed(1)} ms, ${Math.round(resident)} MiB resident`,
  );
}

function publish(report: SoakReport, folder: string): void {
  const text = soakMarkdown(report);
  console.log(text);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'soak.md'), text);
  writeFileSync(join(folder, 'soak.json'), `${JSON.stringify(compact(report))}\n`);
}

/** Samples as rows under one head, as there are hundreds of them; and without the path of a folder of this machine. */
function compact({ samples, given: { dataFolder: _, ...given }, ...rest }: SoakReport): object {
  const report = { given, ...rest };
  const columns = Object.keys(samples[0] ?? {}) as (keyof MemorySample)[];
  return { ...report, memory: { columns, rows: samples.map((sample) => columns.map((name) => sample[name])) } };
}
