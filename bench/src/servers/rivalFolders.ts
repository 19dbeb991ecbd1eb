import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rivalsFolder } from '../folders.ts';

/**
 * A rival from another registry than npm's: what is pinned in its folder under `rivals/` is installed into a folder that is
 * named after those pins, so that other pins are installed anew and the old ones never mix with them.
 */
export type RivalFolder = {
  /** Its folder under `rivals/`. */
  readonly name: string;
  /** The file in there that pins its version and those of all that it needs. */
  readonly pins: string;
  /** Without it the rival can't run, here or anywhere; it is asked for its version. */
  readonly runtime: string;
  /** What installs the pinned packages into `target`. */
  installer(pins: string, target: string): { readonly program: string; readonly arguments: readonly string[] };
};

const run = promisify(execFile);

export function pinsOf({ name, pins }: RivalFolder): string {
  return readFileSync(join(rivalsFolder, name, pins), 'utf8');
}

export function installedFolder(rival: RivalFolder): string {
  const hash = createHash('sha256').update(pinsOf(rival)).digest('hex').slice(0, 12);
  return join(rivalsFolder, 'local', `${rival.name}-${hash}`);
}

/** Installs it if no run has done so before; says in one line why that can't be done. */
export async function installRival(rival: RivalFolder): Promise<void> {
  await mustRun(rival.runtime, ['--version'], `${rival.runtime} is not on this machine`);
  const folder = installedFolder(rival);
  if (existsSync(folder)) return;
  console.error(`installing ${rival.name} (once) ...`);
  // Under another name until it is whole: an install that was interrupted must not pass for one.
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const { program, arguments: words } = rival.installer(join(rivalsFolder, rival.name, rival.pins), partial);
  await mustRun(program, words, `${program} could not install what ${rival.name}/${rival.pins} pins`);
  renameSync(partial, folder);
}

async function mustRun(program: string, words: readonly string[], failure: string): Promise<void> {
  try {
    await run(program, [...words]);
  } catch (error) {
    // The details name this machine's folders and registry, so they go to the terminal and not into the report.
    console.error(error instanceof Error ? error.message : error);
    throw new Error(failure);
  }
}
