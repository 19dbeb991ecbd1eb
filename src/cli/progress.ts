/** How far a long work has come: a bar that moves on a terminal, a line now and then elsewhere. */
import type { CommandIo } from './commandIo.ts';

const barMax = 40;

export class Progress {
  readonly #io: CommandIo;
  readonly #label: string;
  #printedTenths = -1;

  constructor(io: CommandIo, label: string) {
    this.#io = io;
    this.#label = label;
  }

  show(done: number, total: number): void {
    const { errorOutput } = this.#io;
    if (errorOutput.isTerminal) {
      this.#io.draw(progressLine(this.#label, done, total, errorOutput.columns));
      return;
    }
    const tenths = total === 0 ? 0 : Math.floor((done / total) * 10);
    if (tenths === this.#printedTenths) return;
    this.#printedTenths = tenths;
    this.#io.printError(`${this.#label}: ${count(done)} of ${count(total)}`);
  }

  /** Makes room for what comes after it. */
  clear(): void {
    if (this.#io.errorOutput.isTerminal) this.#io.draw('');
  }
}

/** `Moving [=====>    ]  52%  520 of 1,000`, with a bar as long as there is room for. */
export function progressLine(label: string, done: number, total: number, columns: number): string {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const figures = `${String(Math.floor(share * 100)).padStart(3)}%  ${count(done)} of ${count(total)}`;
  // The last column stays free: some terminals go to the next line when it is written.
  const room = Math.min(barMax, columns - 1 - label.length - figures.length - ' [] '.length);
  if (room < 5) return `${label} ${figures}`.slice(0, columns - 1);
  const filled = Math.floor(share * room);
  const tip = filled > 0 && filled < room ? '>' : '';
  const bar = ('='.repeat(filled - tip.length) + tip).padEnd(room);
  return `${label} [${bar}] ${figures}`;
}

export function count(number: number): string {
  return number.toLocaleString('en-US');
}

/** `1 message`, `1,200 messages` */
export function messages(number: number): string {
  return `${count(number)} ${number === 1 ? 'message' : 'messages'}`;
}
