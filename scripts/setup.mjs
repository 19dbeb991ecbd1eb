/** What the steps of `run.mjs` share: where the repository is, how a step is announced, how a program is run. */
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Something that the person in front of the terminal can put right; shown without a stack. */
export class SetupError extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Runs `work` and says afterwards, in one line, what it was and how long it took. */
export async function step(title, work) {
  const started = performance.now();
  const result = await work();
  // Standard error, because the standard output belongs to the command that follows.
  console.error(`${title} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return result;
}

/** Runs a script in its own Node process on this terminal, and resolves to its exit code. */
export function runNode(script, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
    // Ctrl-C reaches the child from the terminal itself; this process stays to report how it ended.
    const ignore = () => undefined;
    const pass = (signal) => child.kill(signal);
    process.on('SIGINT', ignore);
    process.on('SIGTERM', pass);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('SIGINT', ignore);
      process.off('SIGTERM', pass);
      resolve(code === null ? 128 + (signal === 'SIGINT' ? 2 : 15) : code);
    });
  });
}

/** Runs a program out of sight; resolves to its exit code and all that it wrote. */
export function runQuietly(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ status: code === null ? 1 : code, output }));
  });
}
