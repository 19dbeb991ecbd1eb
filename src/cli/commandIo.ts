/** What the program needs of the process it runs in; tests hand in their own. */
export interface ProcessIo {
  readonly platform: string;
  print(text: string): void;
  printError(text: string): void;
  /** Calls `listener` for every signal that asks the process to stop, until the returned function is called. */
  onStopSignal(listener: () => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
  /** Milliseconds that only ever grow. */
  now(): number;
}

/** What the commands need beyond that, which talk to a server and to a person. */
export interface CommandIo extends ProcessIo {
  /** Resolves once what was printed has left the process; rejects if nobody reads it any more. */
  printed(): Promise<void>;
  readonly output: View;
  readonly errorOutput: View;
  /** On a terminal's error output, puts a line in the place of the one drawn before; an empty one clears it. */
  draw(line: string): void;
  readonly input: {
    readonly isTerminal: boolean;
    /** Everything up to its end. */
    readAll(): Promise<Uint8Array>;
    /** Asks on the error output, so that what the command prints stays clean. */
    ask(question: string): Promise<string>;
  };
  readonly fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  wallClock(): number;
  wait(milliseconds: number): Promise<void>;
}

/** Where text is read: on a terminal by a person, in lines of so many columns, else by a program. */
export interface View {
  readonly isTerminal: boolean;
  /** Infinity where there is no window. */
  readonly columns: number;
}
