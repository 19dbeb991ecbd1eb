import { runSeeds } from './seeds.ts';
import { QueueSimulation } from './simulateQueue.ts';

runSeeds({
  name: 'standard',
  promise: 'a standard queue keeps its promises',
  steps: 120,
  share: 1,
  create: (seed) => new QueueSimulation(seed, { fair: false }),
});
