import { publishToQueues } from './fanOut.ts';
import { type Row, rowsNamed } from './rows.ts';
import type { Scenario } from './scenario.ts';
import { throughput } from './throughput.ts';

/** So many connections go through a server in waves, of which a run is to see several. */
const manyConnections = 512;
const timesAsLong = 2;

/** What every server is measured by: each operation at each number of connections. */
export function matrixScenario(row: Row): Scenario {
  const scenario = scenarioOf(row);
  if (row.connections < manyConnections) return scenario;
  const run: Scenario['run'] = (bench) => {
    const { seconds, warmUpSeconds } = bench.timing;
    const timing = { seconds: seconds * timesAsLong, warmUpSeconds: warmUpSeconds * timesAsLong };
    return scenario.run({ ...bench, timing });
  };
  return { ...scenario, run };
}

function scenarioOf({ name, title, operation, connections }: Row): Scenario {
  const { kind, groups, queues } = operation;
  if (queues !== undefined) return publishToQueues(name, title, queues, connections);
  return throughput(name, title, {
    ...{ kind, connections, preload: kind === 'drain' },
    ...(groups !== undefined && { groups }),
  });
}

/** The rows that show what more owners of queues bring: so many queues are spread evenly over few processes. */
export const owners = {
  name: 'owners',
  counts: [1, 2, 3],
  threads: 3,
  scenarios: rowsNamed(['send-64', 'send-512', 'send-batch-512', 'drain-64', 'cycle-64']).map(
    ({ operation, name, title, connections }) =>
      throughput(`${name}-32`, `${title}, 32 queues`, {
        ...{ kind: operation.kind, connections, queues: 32, preload: operation.kind === 'drain' },
      }),
  ),
};

export const matrix = { name: 'matrix' };

/** The rows that show what more threads bring, on Posthorn started with so many. */
export const threads = {
  name: 'threads',
  counts: [1, 2, 3],
  scenarios: rowsNamed(['send-64', 'send-batch-64', 'drain-64', 'cycle-64']).map(matrixScenario),
};
