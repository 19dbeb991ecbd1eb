export type Command = {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
};

/** What a scenario may need and not every server has. */
export type Need = 'move tasks' | 'encryption' | 'topics';

/** A server that can be measured: everything a run has to know about it. */
export type Server = {
  /** As given on the command line. */
  readonly name: string;
  readonly title: string;
  /** One sentence for the report: what exactly was started. */
  readonly note: string;
  /** False for the floor, which forgets everything and so cannot be asked how many messages it holds. */
  readonly keepsMessages: boolean;
  /** True when what it holds is there again after a restart. */
  readonly durable: boolean;
  /** Requests to it must be signed, with the key of `signing.ts`. */
  readonly checksSignatures?: boolean;
  /** Scenarios that need one of these leave it out. */
  readonly lacks?: readonly Need[];
  /** Answers 200 to a GET once the server serves. */
  readonly readyPath: string;
  /** Makes sure that it can be started; called once, before anything is measured. */
  prepare(): Promise<void>;
  command(port: number, dataFolder: string): Command;
};
