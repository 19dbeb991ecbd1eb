import { runSeeds } from './seeds.ts';
import { QueueSimulation } from './simulateQueue.ts';

runSeeds({
  name: 'fair',
  promise: 'a fair queue keeps its promises',
  steps: 120,
  share: 0.2,
  create: (seed) => new QueueSimulation(seed, { fair: true }),
});
