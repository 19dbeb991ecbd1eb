import type { Job } from '../load/job.ts';

/** One kind of work; the matrix has a row of it for each number of connections. */
export type Operation = {
  readonly name: string;
  readonly title: string;
  /** What its rate counts. */
  readonly counted: 'messages' | 'copies';
  readonly kind: Job['kind'];
  /** Messages that one request of it finishes, on average over its requests. */
  readonly perRequest: number;
  readonly groups?: number;
  /** Published to a topic with so many queues. */
  readonly queues?: number;
};

export type Row = {
  readonly name: string;
  readonly title: string;
  readonly operation: Operation;
  readonly connections: number;
};

export const operations: readonly Operation[] = [
  { name: 'send', title: 'Send', counted: 'messages', kind: 'send', perRequest: 1 },
  { name: 'send-batch', title: 'Send batches of 10', counted: 'messages', kind: 'sendBatch', perRequest: 10 },
  {
    ...{ name: 'drain', title: 'Receive and delete batches of 10 from a filled queue' },
    ...{ counted: 'messages', kind: 'drain', perRequest: 10 / 2 },
  },
  {
    ...{ name: 'cycle', title: 'Send, receive and delete batches of 10' },
    ...{ counted: 'messages', kind: 'cycle', perRequest: 10 / 3 },
  },
  {
    ...{ name: 'fifo-send', title: 'Send to a FIFO queue, 1,000 message groups' },
    ...{ counted: 'messages', kind: 'send', perRequest: 1, groups: 1_000 },
  },
  {
    ...{ name: 'fan-out', title: 'Publish to a topic with 10 queues' },
    ...{ counted: 'copies', kind: 'publish', perRequest: 10, queues: 10 },
  },
];

export const connectionCounts = [1, 16, 64, 512];

export const allRows: readonly Row[] = operations.flatMap((operation) =>
  connectionCounts.map((connections) => ({
    name: `${operation.name}-${connections}`,
    title: `${operation.title}, ${connections} connection${connections === 1 ? '' : 's'}`,
    operation,
    connections,
  })),
);

/**
 * The rows that are meant by their own names, by an operation's or by a number of connections; all of them unless any is
 * given. A word that means none is an error, not an empty run.
 */
export function rowsNamed(words: readonly string[] | undefined): readonly Row[] {
  if (words === undefined) return allRows;
  const isMeant = (row: Row, word: string): boolean =>
    word === row.name || word === row.operation.name || word === String(row.connections);
  const unknown = words.find((word) => !allRows.some((row) => isMeant(row, word)));
  if (unknown !== undefined) {
    const known = [...operations.map(({ name }) => name), ...connectionCounts].join(', ');
    throw new Error(`no row is called ${unknown}; there are ${known}, and names like send-64`);
  }
  return allRows.filter((row) => words.some((word) => isMeant(row, word)));
}
