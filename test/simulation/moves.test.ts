import { runSeeds } from './seeds.ts';
import { MovesSimulation } from './simulateMoves.ts';

runSeeds({
  name: 'moves',
  promise: 'dead letters and move tasks keep their promises',
  steps: 80,
  share: 0.4,
  create: (seed) => new MovesSimulation(seed),
});
