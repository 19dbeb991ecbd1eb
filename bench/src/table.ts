import type { Spread } from './statistics.ts';

export function spreadCell({ median, min, max }: Spread, shown: (value: number) => string): string {
  return min === max ? shown(median) : `${shown(median)} (${shown(min)} to ${shown(max)})`;
}

export function integer(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function milliseconds(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(1);
}

export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => {
    const filled = columns.map((_, index) => (cells[index] ?? '').replaceAll('|', '/'));
    return `| ${filled.join(' | ')} |`;
  };
  return [line(columns), line(columns.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)];
}
