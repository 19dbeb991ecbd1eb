import { runSeeds } from './seeds.ts';
import { MovesSimulation } from './simulateMoves.ts';

runSeeds({
  name: 'letters',
  promise: 'messages that change their partition keep their promises',
  steps: 80,
  share: 0.4,
  create: (seed) => new MovesSimulation(seed, 2 + (seed % 2)),
});
