/**
 * The text that Prometheus reads, version 0.0.4 of its format:
 *
 *     # HELP <name> <what it is>
 *     # TYPE <name> counter|gauge|histogram
 *     <name>{<label>="<value>",...} <number>
 *
 * Written here, because a library for it takes longer to load than an empty server takes to start.
 */

export const contentType = 'text/plain; version=0.0.4; charset=utf-8';

export interface Metric {
  readonly type: 'counter' | 'gauge';
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Read at each scrape: the values of the labels, in their order, and the number. */
  readonly samples: Iterable<Sample>;
}

export type Sample = readonly [labels: readonly string[], value: number];

/** Ends without a line break, so that metrics can be joined by empty lines. */
export function metricText({ type, name, help, labels, samples }: Metric): string {
  const lines = head(type, name, help);
  for (const [values, value] of samples) lines.push(`${name}${labelText(labels, values)} ${value}`);
  return lines.join('\n');
}

/** Counts by size. Observing costs a few comparisons; everything else is left to whoever reads. */
export class Histogram {
  readonly #name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  /** Of each bucket alone, and of what is beyond the last. */
  readonly #counts: number[];
  #sum = 0;

  /** A bucket holds what is at most its bound; these grow. */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.#name = name;
    this.#help = help;
    this.#bounds = bounds;
    this.#counts = new Array(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#sum += value;
  }

  text(): string {
    const lines = head('histogram', this.#name, this.#help);
    let count = 0;
    for (const [bucket, counted] of this.#counts.entries()) {
      // A reader expects of each bucket everything up to its bound.
      count += counted;
      lines.push(`${this.#name}_bucket{le="${this.#bounds[bucket] ?? '+Inf'}"} ${count}`);
    }
    lines.push(`${this.#name}_sum ${this.#sum}`, `${this.#name}_count ${count}`);
    return lines.join('\n');
  }
}

function head(type: string, name: string, help: string): string[] {
  return [`# HELP ${name} ${help.replace(/[\\\n]/g, escaped)}`, `# TYPE ${name} ${type}`];
}

function labelText(labels: readonly string[], values: readonly string[]): string {
  if (labels.length === 0) return '';
  return `{${labels.map((label, i) => `${label}="${(values[i] ?? '').replace(/[\\\n"]/g, escaped)}"`).join(',')}}`;
}

function escaped(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`;
}
