import { execFileSync } from 'node:child_process';
import type { Generators } from './load/generators.ts';
import type { Comparison, Measurement, Scenario, Timing } from './scenarios/scenario.ts';
import { throughput } from './scenarios/throughput.ts';
import { RunningServer } from './servers/launch.ts';
import type { Need, Server } from './servers/server.ts';

/** One run, which either has a figure or says why not. */
export type Run = {
  readonly scenario: string;
  readonly server: string;
  readonly round: number;
  readonly measurement?: Measurement;
  readonly failure?: string;
};

export type RoundsPlan = {
  readonly servers: readonly Server[];
  readonly scenarios: readonly Scenario[];
  readonly comparisons: readonly Comparison[];
  readonly rounds: number;
  readonly timing: Timing;
  readonly generators: Generators;
  readonly dataParent: string;
};

/**
 * Each round starts every server afresh, then takes scenario by scenario, one server right after the other: what the
 * machine does meanwhile hits all of them alike. The servers whose turn it is not are idle. Of a comparison it is its lines
 * that follow one right after the other.
 */
export async function runRounds(plan: RoundsPlan): Promise<Run[]> {
  const runs: Run[] = [];
  for (let round = 1; round <= plan.rounds; round++) {
    const line = plan.servers.map((server) => new Contender(server, plan));
    try {
      for (const scenario of plan.scenarios) {
        for (const contender of line.filter((one) => one.has(scenario.needs)))
          runs.push(await contender.run(scenario, round));
      }
      for (const { lines } of plan.comparisons) {
        for (const contender of line) {
          const possible = lines.filter((one) => contender.canRun(one));
          for (const scenario of possible) runs.push(await contender.run(scenario, round));
        }
      }
    } finally {
      for (const contender of line) await contender.stop();
    }
  }
  return runs;
}

const firstUse = throughput('first-use', 'First use', { kind: 'cycle', connections: 16 });
const firstUseTiming = { warmUpSeconds: 1, seconds: 1 };

/** A server within a round: started at its first run, and again after a run that failed. */
class Contender {
  readonly #server: Server;
  readonly #plan: RoundsPlan;
  #running: RunningServer | undefined;
  #unstartable: string | undefined;

  constructor(server: Server, plan: RoundsPlan) {
    this.#server = server;
    this.#plan = plan;
  }

  has(need: Need | undefined): boolean {
    return need === undefined || this.#server.lacks?.includes(need) !== true;
  }

  canRun({ needs }: Scenario): boolean {
    return this.#server.keepsMessages && this.has(needs);
  }

  async run(scenario: Scenario, round: number): Promise<Run> {
    const what = { scenario: scenario.name, server: this.#server.name, round };
    if (this.#unstartable !== undefined) return { ...what, failure: this.#unstartable };
    try {
      this.#running ??= await this.#start();
    } catch (error) {
      this.#unstartable = reason(error);
      console.error(`  ${this.#server.title}: ${this.#unstartable}`);
      return { ...what, failure: this.#unstartable };
    }
    try {
      settleDisk();
      const { generators, timing } = this.#plan;
      const measurement = await scenario.run({ running: this.#running, generators, timing });
      console.error(`  ${scenario.name}, round ${round}, ${this.#server.title}: ${brief(measurement)}`);
      return { ...what, measurement };
    } catch (error) {
      const failure = this.#running.ended
        ? `${reason(error)}; the server ended: ${this.#running.lastWords()}`
        : reason(error);
      console.error(`  ${scenario.name}, round ${round}, ${this.#server.title}: FAILED: ${failure}`);
      await this.stop();
      return { ...what, failure };
    }
  }

  /** Nothing that a runtime compiles or loads on first use is any row's to pay, least of all the first one's. */
  async #start(): Promise<RunningServer> {
    const { generators, dataParent } = this.#plan;
    const running = await RunningServer.start(this.#server, dataParent);
    try {
      await firstUse.run({ running, generators, timing: firstUseTiming });
    } catch (error) {
      // A server that can't do even this will say so in its rows.
      console.error(`  ${this.#server.title}, first use: ${reason(error)}`);
    }
    return running;
  }

  async stop(): Promise<void> {
    await this.#running?.stopAndForget();
    this.#running = undefined;
  }
}

/** What the last server left unwritten must not be written on the next one's time. */
function settleDisk(): void {
  if (process.platform !== 'win32') execFileSync('sync');
}

export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function brief(measurement: Measurement): string {
  if (measurement.kind === 'rate') return `${Math.round(measurement.messagesPerSecond)} messages/s`;
  if (measurement.kind === 'pause') return `longest ${measurement.longestMilliseconds?.toFixed(2)} ms`;
  const noisy = measurement.noisy === undefined ? '' : `, noisy p50 ${measurement.noisy.p50Milliseconds.toFixed(2)} ms`;
  return `p50 ${measurement.p50Milliseconds?.toFixed(2)} ms, p99 ${measurement.p99Milliseconds?.toFixed(2)} ms${noisy}`;
}
