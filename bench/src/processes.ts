import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Everything a run leaves outside this process: children by the handle it started them with, and temporary folders.
 * Both are cleared when the run ends, fails or is interrupted; nothing is ever looked up by name.
 */
const children = new Set<ChildProcess>();
const temporaryFolders = new Set<string>();
/** Folders that temporary ones were put in and that were not there before. */
const createdParents = new Set<string>();
const stopGraceMilliseconds = 20_000;

export function track<Child extends ChildProcess>(child: Child): Child {
  children.add(child);
  child.once('exit', () => children.delete(child));
  child.once('error', () => children.delete(child));
  return child;
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

/** Asks a child to end, and insists when it does not; resolves once it is gone, with how long that took. */
export async function stop(child: ChildProcess): Promise<number> {
  const asked = performance.now();
  if (hasEnded(child)) return 0;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const insist = setTimeout(() => child.kill('SIGKILL'), stopGraceMilliseconds);
  await ended;
  clearTimeout(insist);
  return performance.now() - asked;
}

export function temporaryFolder(parent: string): string {
  if (mkdirSync(parent, { recursive: true }) !== undefined) createdParents.add(parent);
  const folder = mkdtempSync(join(parent, 'run-'));
  temporaryFolders.add(folder);
  return folder;
}

export function removeTemporaryFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  temporaryFolders.delete(folder);
}

function clearEverything(): void {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of [...temporaryFolders]) {
    try {
      removeTemporaryFolder(folder);
    } catch (error) {
      console.error(`a temporary folder could not be removed: ${String(error)}`);
    }
  }
  for (const parent of createdParents) {
    try {
      rmdirSync(parent);
    } catch {
      // Another run uses it, too: the last one removes it.
    }
  }
}

/** The `exit` event covers a normal end, an uncaught error and process.exit; signals have to be turned into one. */
export function clearOnExit(): void {
  process.once('exit', clearEverything);
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
}
