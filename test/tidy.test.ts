/** The style as tests. The rules themselves are in `tidy/`; here they meet the repository. */
import { describe, expect, it } from 'vitest';
import { anchorsOf, linksOf, linkTarget, pathsOf } from './tidy/docs.ts';
import { type ImportMap, judgeImport, resolveImport } from './tidy/layers.ts';
import { lockFileProblems, machineTraces } from './tidy/machine.ts';
import { listFiles, readText, sourceFile } from './tidy/repository.ts';
import { functionsOf } from './tidy/scan.ts';
import { bannedConstructs, bannedNames } from './tidy/words.ts';

const fileLinesMax = 600;
const functionLinesMax = 70;

const allFiles = listFiles();
const known = new Set(allFiles);
const folders = new Set(allFiles.filter((path) => path.includes('/')).map((path) => path.split('/')[0] ?? ''));
const generated = /^src\/aws\/generated\//;
const sources = allFiles
  .filter((path) => /\.(ts|mjs)$/.test(path) && !generated.test(path) && !path.endsWith('.d.ts'))
  .map((path) => sourceFile(path));
const inSrc = sources.filter(({ path }) => path.startsWith('src/'));
const pages = allFiles.filter((path) => path.endsWith('.md')).map((path) => ({ path, text: readText(path) }));
const importMap: ImportMap = JSON.parse(readText('package.json')).imports;

/** Every import of every file, with where it leads. */
const edges = sources.flatMap((file) =>
  file.imports.map(({ specifier }) => ({ from: file.path, to: resolveImport(file.path, specifier, importMap) })),
);

it('sees the repository', () => {
  expect(sources.length).toBeGreaterThan(40);
  expect(inSrc.length).toBeGreaterThan(20);
  expect(edges.length).toBeGreaterThan(100);
  expect(sources.reduce((sum, { code }) => sum + functionsOf(code).length, 0)).toBeGreaterThan(100);
});

describe('layers', () => {
  it('import only what the table allows', () => {
    const wrong = sources.flatMap((file) =>
      file.imports.flatMap((entry) => {
        const what = judgeImport(file, entry, importMap, (path) => known.has(path));
        return what === undefined ? [] : [`${file.path}:${entry.line}: ${what}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('have an index.ts only as the front door of a folder', () => {
    const wrong = inSrc
      .filter(({ path }) => path.endsWith('/index.ts'))
      .filter(({ path }) => {
        const folder = path.slice(0, -'index.ts'.length);
        const importers = edges.filter(({ to }) => to === path).map(({ from }) => from);
        const enteredFromInside = importers.some((from) => from.startsWith(folder) && !from.endsWith('.test.ts'));
        return enteredFromInside || importers.every((from) => from.startsWith(folder));
      });
    expect(wrong.map(({ path }) => `${path} is imported from inside its folder, or by nobody outside`)).toEqual([]);
  });

  it('hold no file that nothing imports', () => {
    const entryPoints = new Set(['src/main.ts', 'src/server.ts', 'src/edge.ts', 'src/owner.ts', 'src/storeJobs.ts']);
    const dead = inSrc.filter(({ path, isTest }) => {
      const ownTest = path.replace(/\.ts$/, '.test.ts');
      return !isTest && !entryPoints.has(path) && !edges.some(({ from, to }) => to === path && from !== ownTest);
    });
    expect(dead.map(({ path }) => path)).toEqual([]);
  });
});

describe('rooms', () => {
  it(`are files of at most ${fileLinesMax} lines`, () => {
    const long = sources.map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }));
    expect(long.filter(({ lines }) => lines > fileLinesMax)).toEqual([]);
  });

  it(`are functions of at most ${functionLinesMax} lines`, () => {
    const long = sources.flatMap((file) =>
      functionsOf(file.code)
        .filter(({ lineCount }) => lineCount > functionLinesMax)
        // A suite is a list of tests, and each of them is a room.
        .filter(({ head, body }) => !file.isTest || !/\b(?:describe|it|test)(?:\.\w+)*\s*[(<]/.test(`${head}${body}`))
        .map(({ line, lineCount, head }) => `${file.path}:${line}: ${lineCount} lines: ${head}`),
    );
    expect(long).toEqual([]);
  });
});

describe('words', () => {
  it('that say nothing are in no name', () => {
    const wrong = sources.flatMap((file) => bannedNames(file).map(({ line, what }) => `${file.path}:${line}: ${what}`));
    expect(wrong).toEqual([]);
  });

  it('that the style bans are in no code', () => {
    const wrong = sources.flatMap((file) =>
      bannedConstructs(file).map(({ line, what }) => `${file.path}:${line}: ${what}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('operations', () => {
  it('are tested, each by its own file', () => {
    const untested = inSrc.flatMap(({ path, isTest }) => {
      const [, service, name] = /^src\/services\/([^/]+)\/operations\/([^/]+)\.ts$/.exec(path) ?? [];
      if (isTest || service === undefined || name === undefined) return [];
      const tests = [path.replace(/\.ts$/, '.test.ts'), `test/conformance/${service}/${name}.test.ts`];
      return tests.some((test) => known.has(test)) ? [] : [`${path} has neither ${tests.join(' nor ')}`];
    });
    expect(untested).toEqual([]);
  });
});

describe('documentation', () => {
  it('links to what exists', () => {
    const wrong = pages.flatMap(({ path, text }) =>
      linksOf(text).flatMap(({ line, target }) => {
        const page = linkTarget(path, target) ?? path;
        const anchor = target.split('#')[1];
        const missing = !exists(page);
        const lost = !missing && anchor !== undefined && page.endsWith('.md') && !anchorsOf(readText(page)).has(anchor);
        return missing || lost ? [`${path}:${line}: ${target}`] : [];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('names paths that exist', () => {
    const wrong = pages.flatMap(({ path, text }) =>
      pathsOf(text, folders)
        .filter(({ target }) => !exists(target) && !exists(linkTarget(path, target) ?? target))
        .map(({ line, target }) => `${path}:${line}: ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  function exists(path: string): boolean {
    const plain = path.replace(/\/$/, '');
    return known.has(plain) || allFiles.some((file) => file.startsWith(`${plain}/`));
  }
});

describe('the repository', () => {
  it('names no path and no host of the machine it was written on', () => {
    const wrong = allFiles.flatMap((path) =>
      machineTraces(readText(path)).map(({ line, what }) => `${path}:${line}: ${what}`),
    );
    expect(wrong).toEqual([]);
  });

  it('has a lock file for every platform', () => {
    expect(lockFileProblems(JSON.parse(readText('package-lock.json')))).toEqual([]);
  });
});
