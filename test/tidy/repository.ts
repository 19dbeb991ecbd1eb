/** The repository as the rules see it: every file that belongs to it, with its text. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Blanked, blank, importsOf } from './scan.ts';

export interface SourceFile extends Blanked {
  /** From the root, with forward slashes: `src/std/bytes.ts`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  readonly isTest: boolean;
}

export interface Import {
  readonly specifier: string;
  readonly line: number;
}

export const root = fileURLToPath(new URL('../../', import.meta.url));

const notOurs = new Set(['node_modules', 'dist', '.git', 'coverage', 'posthorn-data', 'local', 'data']);
const binary = /\.(png|ico|jpg|gif|woff2?|gz|zip|cpuprofile|tsbuildinfo)$/;

/** Every file below `folder`, from the root, sorted. */
export function listFiles(folder = ''): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).filter(({ name }) => !notOurs.has(name));
  return entries
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? listFiles(path) : [path];
    })
    .filter((path) => !binary.test(path))
    .sort();
}

export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Reads and scans a source file; rules look at its `code`, where texts and comments are blank. */
export function sourceFile(path: string, text: string = readText(path)): SourceFile {
  const blanked = blank(text);
  const isTest = path.startsWith('test/') || path.endsWith('.test.ts');
  return { path, text, ...blanked, imports: importsOf(text, blanked.code), isTest };
}

/** The line, counted from 1, that the character at `offset` stands in. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}
