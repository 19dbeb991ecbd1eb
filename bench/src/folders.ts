import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This module lies in bench/dist when it runs, so the workspace is one folder up. */
export const benchFolder = join(dirname(fileURLToPath(import.meta.url)), '..');
export const repositoryFolder = join(benchFolder, '..');
export const resultsFolder = join(benchFolder, 'results');
/** For runs that cover only a part: they must not replace the figures that are kept in the repository. */
export const localResultsFolder = join(resultsFolder, 'local');
export const rivalsFolder = join(benchFolder, 'rivals');

/**
 * Servers keep their data on the repository's file system by default: the system's temporary folder is often kept in
 * memory, where a sync costs nothing and every durable server looks better than it is.
 */
export const defaultDataFolder = join(benchFolder, 'data');

/** A program of this workspace, as compiled. */
export function program(path: string): string {
  return join(benchFolder, 'dist', path);
}
