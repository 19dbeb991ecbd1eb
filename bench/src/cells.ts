import type { Measurement } from './scenarios/scenario.ts';
import { spread } from './statistics.ts';
import { spreadCell } from './table.ts';

/** Round by round, as the rounds saw the same machine; nothing where one of the two failed in a round. */
export function ratioCell(above: readonly number[], below: readonly number[]): string {
  if (above.length === 0 || above.length !== below.length) return '-';
  return spreadCell(spread(above.map((value, round) => value / (below[round] ?? Number.NaN))), (value) =>
    value.toFixed(2),
  );
}

export function shareCell(shares: readonly number[]): string {
  return shares.length === 0 ? '-' : spread(shares).median.toFixed(2);
}

/** The server's processor use, what of it each message costs in microseconds, and the generator's. */
export function processorCells(found: readonly Measurement[]): string[] {
  const costs = found.flatMap((one) =>
    one.serverShare === undefined ? [] : (one.serverShare * 1e6) / one.messagesPerSecond,
  );
  return [
    shareCell(found.flatMap((one) => one.serverShare ?? [])),
    costs.length === 0 ? '-' : spread(costs).median.toFixed(1),
    shareCell(found.flatMap((one) => one.generatorShare ?? [])),
  ];
}
