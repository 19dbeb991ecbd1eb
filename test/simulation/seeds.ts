import { expect, test } from 'vitest';
import type { SimulatedServer } from './simulatedServer.ts';

export interface Simulation {
  readonly server: SimulatedServer;
  run(steps: number): Promise<void>;
}

export interface SeededScenario {
  /** As `npm run simulate -- --scenario` calls it. */
  readonly name: string;
  readonly promise: string;
  readonly steps: number;
  /** Of all seeds, the part that is run of this scenario. */
  readonly share: number;
  readonly create: (seed: number) => Simulation;
}

const parts = 10;
const single = process.env.POSTHORN_SIM_SEED;
/** As many as `npm test` has time for; `npm run simulate -- --seeds 10000` takes ten minutes on two cores. */
const all = Number(process.env.POSTHORN_SIM_SEEDS ?? 2_000);

/** One seed with its transcript if one is asked for, else many of them. */
export function runSeeds(scenario: SeededScenario): void {
  if (single !== undefined) {
    test(`${scenario.name}, seed ${single}`, () => runSeed(scenario, Number(single), true), 60_000);
    return;
  }
  const seeds = Math.max(parts, Math.round(all * scenario.share));
  for (let part = 0; part < parts; part += 1) {
    const from = Math.floor((seeds * part) / parts);
    const to = Math.floor((seeds * (part + 1)) / parts);
    test(`${scenario.promise}, seeds ${from} to ${to - 1}`, async () => {
      for (let seed = from; seed < to; seed += 1) await runSeed(scenario, seed, false);
      expect(to).toBeGreaterThan(from);
    }, 120_000);
  }
}

async function runSeed({ name, steps, create }: SeededScenario, seed: number, isShown: boolean): Promise<void> {
  const simulation = create(seed);
  try {
    await simulation.run(steps);
  } catch (error) {
    const again = `npm run simulate -- --scenario ${name} --seed ${seed}`;
    const { transcript } = simulation.server;
    throw new Error(`seed ${seed}: ${(error as Error).message}\nrun it again: ${again}\n\n${transcript}`, {
      cause: error,
    });
  }
  if (isShown) process.stdout.write(`${simulation.server.transcript}\n`);
}
