/** The real program as a process of its own, to be killed, starved and spoken to from outside. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const running = new Set<ServerProcess>();

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface SpawnSettings extends SpawnOptions {
  /** Beside those of the tests' own process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Puts a command in front of the program, for limits that only a shell can set. */
  readonly wrap?: (command: readonly string[]) => readonly string[];
}

/** `posthorn start`, from its first line to its exit code. */
export class ServerProcess {
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  #printed = '';
  #printedError = '';
  #hasEnded = false;
  #announce: () => void = () => undefined;

  static start(args: readonly string[], { wrap = (command) => command, env: more, ...options }: SpawnSettings = {}) {
    if (!existsSync(program)) throw new Error('dist/main.js is missing: run "npm run build" first, or "npm test".');
    const [command = '', ...rest] = wrap([process.execPath, program, 'start', ...args]);
    // The variables that these tests go by are none of its settings.
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith('POSTHORN_'));
    const env = { ...Object.fromEntries(own), ...more };
    return new ServerProcess(spawn(command, rest, { env, stdio: ['ignore', 'pipe', 'pipe'], ...options }));
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    running.add(this);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#printed += text;
      this.#announce();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#printedError += text;
    });
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        running.delete(this);
        this.#hasEnded = true;
        this.#announce();
        resolve({ code, signal });
      });
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('The program could not be started.');
    return this.#child.pid;
  }

  /** What it has said to people so far, on standard error. */
  get errors(): string {
    return this.#printedError;
  }

  /** The address that it prints once it accepts requests; undefined if it ends before. */
  async endpointOrEnd(): Promise<string | undefined> {
    for (;;) {
      const endpoint = /^Posthorn is listening on (\S+)$/m.exec(this.#printed)?.[1];
      if (endpoint !== undefined) return endpoint;
      if (this.#hasEnded) return undefined;
      await new Promise<void>((resolve) => {
        this.#announce = resolve;
      });
    }
  }

  async endpoint(): Promise<string> {
    const endpoint = await this.endpointOrEnd();
    if (endpoint === undefined) throw new Error(`The server ended before it listened: ${this.#printedError}`);
    return endpoint;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves once the kernel has taken it away. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }
}

/** Ends whatever a failed test has left behind. */
export async function killAll(): Promise<void> {
  await Promise.all([...running].map((server) => server.kill()));
}
