/** A process with its terminal, in memory only. */
import type { CommandIo } from '../../src/cli/commandIo.ts';

export interface FakeIoOptions {
  /** Of the window; without it, output goes to a pipe. */
  readonly columns?: number;
  /** Without it, standard input is a terminal. */
  readonly input?: string | Uint8Array;
  /** What a person says when asked. */
  readonly answer?: string;
  /** Standard output is closed at the other end. */
  readonly isUnread?: boolean;
  readonly fetch?: typeof fetch;
}

export function fakeIo(options: FakeIoOptions = {}) {
  const state = {
    printed: '',
    errors: '',
    drawn: [] as string[],
    asked: [] as string[],
    exits: [] as number[],
    waits: 0,
    stopListener: undefined as (() => void) | undefined,
  };
  const view = {
    isTerminal: options.columns !== undefined,
    columns: options.columns ?? Number.POSITIVE_INFINITY,
  };
  const io: CommandIo = {
    platform: 'linux',
    print: (text) => {
      state.printed += `${text}\n`;
    },
    printError: (text) => {
      state.errors += `${text}\n`;
    },
    printed: async () => {
      if (options.isUnread) throw new Error('write EPIPE');
    },
    output: view,
    errorOutput: view,
    draw: (line) => {
      state.drawn.push(line);
    },
    input: {
      isTerminal: options.input === undefined,
      readAll: async () => Buffer.from(options.input ?? ''),
      ask: async (question) => {
        state.asked.push(question);
        return options.answer ?? '';
      },
    },
    fetch: options.fetch ?? fetch,
    onStopSignal: (listener) => {
      state.stopListener = listener;
      return () => {
        state.stopListener = undefined;
      };
    },
    exit: (code) => {
      state.exits.push(code);
    },
    now: () => 0,
    wallClock: () => Date.now(),
    wait: async () => {
      state.waits += 1;
      await new Promise(setImmediate);
    },
  };
  return { io, state };
}
