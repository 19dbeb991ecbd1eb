import { expect, test } from 'vitest';
import { QueueSimulation } from './simulateQueue.ts';

const steps = 120;
const single = process.env.POSTHORN_SIM_SEED;
const seeds = Number(process.env.POSTHORN_SIM_SEEDS ?? 10_000);
const parts = 10;

async function runSeed(seed: number): Promise<void> {
  const simulation = new QueueSimulation(seed);
  try {
    await simulation.run(steps);
  } catch (error) {
    const again = `npm run simulate -- --seed ${seed}`;
    throw new Error(`seed ${seed}: ${(error as Error).message}\nrun it again: ${again}\n\n${simulation.transcript}`, {
      cause: error,
    });
  }
}

if (single !== undefined) {
  test(`seed ${single}`, () => runSeed(Number(single)), 60_000);
} else {
  for (let part = 0; part < parts; part += 1) {
    const from = Math.floor((seeds * part) / parts);
    const to = Math.floor((seeds * (part + 1)) / parts);
    test(`a standard queue keeps its promises, seeds ${from} to ${to - 1}`, async () => {
      for (let seed = from; seed < to; seed += 1) await runSeed(seed);
      expect(to).toBeGreaterThan(from);
    }, 120_000);
  }
}
