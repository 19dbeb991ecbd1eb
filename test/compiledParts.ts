/**
 * Parts of `src`, for tests that need processes or threads of their own: those run compiled code, since the oldest Node that
 * is supported doesn't run TypeScript.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll } from 'vitest';

const repository = realpathSync(join(import.meta.dirname, '..'));

export class CompiledParts {
  #folder = '';

  /**
   * Is there while the file's tests run. `sources` are paths below `src`, and what they import comes with them; the
   * `programs`, texts by their names, import them from `./dist/`.
   */
  constructor(sources: readonly string[], programs: Readonly<Record<string, string>>) {
    beforeAll(() => {
      const cache = join(repository, 'node_modules/.cache');
      mkdirSync(cache, { recursive: true });
      this.#folder = mkdtempSync(join(cache, 'posthorn-compiled-'));
      // Some programs run as another user.
      chmodSync(this.#folder, 0o755);
      compile(this.#folder, sources);
      for (const [name, text] of Object.entries(programs)) writeFileSync(join(this.#folder, name), text);
    });
    afterAll(() => rmSync(this.#folder, { recursive: true }));
  }

  /** Of a program, or of a compiled file by its path from `dist/` on. */
  path(name: string): string {
    return join(this.#folder, name);
  }

  url(name: string): URL {
    return pathToFileURL(this.path(name));
  }
}

function compile(folder: string, sources: readonly string[]): void {
  const { imports: all } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    imports: Record<string, { default: string }>;
  };
  // Threads inherit the condition under which tests import from `src`.
  const imports = Object.fromEntries(Object.entries(all).map(([name, { default: compiled }]) => [name, compiled]));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', imports }));
  const compilerOptions = {
    rootDir: join(repository, 'src'),
    outDir: 'dist',
    incremental: false,
    declaration: false,
    emitDeclarationOnly: false,
    sourceMap: false,
  };
  const project = {
    extends: join(repository, 'tsconfig.build.json'),
    compilerOptions,
    include: [],
    files: sources.map((source) => join(repository, 'src', source)),
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
  execFileSync(process.execPath, [join(repository, 'node_modules/typescript/bin/tsc'), '-p', folder]);
}
