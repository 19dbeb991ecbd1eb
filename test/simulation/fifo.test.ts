import { runSeeds } from './seeds.ts';
import { FifoSimulation } from './simulateFifo.ts';

runSeeds({
  name: 'fifo',
  promise: 'a FIFO queue keeps its promises',
  steps: 80,
  share: 0.4,
  create: (seed) => new FifoSimulation(seed),
});
