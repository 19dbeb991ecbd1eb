import { describe, expect, it } from 'vitest';
import { anchorsOf, linksOf, linkTarget, pathsOf } from './docs.ts';
import { judgeImport, resolveImport } from './layers.ts';
import { lockFileProblems, machineTraces } from './machine.ts';
import { sourceFile } from './repository.ts';
import { bannedConstructs, bannedNames, isEmptyWord } from './words.ts';

const importMap = {
  '#std/*': { source: './src/std/*.ts' },
  '#runtime': { source: './src/runtime/index.ts' },
  '#aws': { source: './src/aws/index.ts' },
  '#aws/contract': { source: './src/aws/contract.ts' },
  '#services/*': { source: './src/services/*/index.ts' },
};

describe('layers', () => {
  function judge(path: string, specifier: string, exists = true): string | undefined {
    return judgeImport(sourceFile(path, ''), { specifier, line: 1 }, importMap, () => exists);
  }

  it('resolve imports as Node does', () => {
    expect(resolveImport('src/a/b.ts', '../c.ts', importMap)).toBe('src/c.ts');
    expect(resolveImport('src/a/b.ts', '#std/bytes', importMap)).toBe('src/std/bytes.ts');
    expect(resolveImport('src/a/b.ts', '#runtime', importMap)).toBe('src/runtime/index.ts');
    expect(resolveImport('src/a/b.ts', '#runtime/deep', importMap)).toBeUndefined();
  });

  it.each([
    ['src/runtime/a.ts', '#std/bytes'],
    ['src/services/sqs/operations/a.ts', '#aws/contract'],
    ['src/services/sqs/operations/a.ts', '../errors.ts'],
    ['src/main.ts', './cli/start.ts'],
    ['src/server.ts', '#services/sqs'],
    ['src/std/a.test.ts', '#runtime'],
    ['src/server.ts', './seedQueues.ts'],
    ['src/seedQueues.ts', '#aws/contract'],
    ['src/std/a.ts', 'yaml'],
    ['test/conformance/a.ts', '../../src/server.ts'],
  ])('allow %s to import %s', (path, specifier) => {
    expect(judge(path, specifier)).toBeUndefined();
  });

  it.each([
    ['src/std/a.ts', '#runtime', 'std must not import runtime'],
    ['src/services/sqs/a.ts', '#aws', 'services must not import aws'],
    ['src/services/sns/a.ts', '#services/sqs', 'the service sns imports the service sqs'],
    ['src/services/sns/a.ts', '../sqs/a.ts', 'the service sns imports the service sqs'],
    ['src/runtime/a.ts', '../std/bytes.ts', 'leaves runtime'],
    ['src/std/a.test.ts', '../runtime/a.ts', 'leaves std'],
    ['src/main.ts', '#std/bytes', 'main.ts must not import std'],
    ['src/main.ts', './seedQueues.ts', 'main.ts must not import seedQueues.ts'],
    ['src/cli/a.ts', '../server.ts', 'leaves cli'],
    ['src/extra/a.ts', '#std/bytes', 'extra is not in the table'],
    ['src/cli/a.ts', '#nothing', 'not declared'],
  ])('refuse %s to import %s', (path, specifier, reason) => {
    expect(judge(path, specifier)).toContain(reason);
  });

  it('refuse what does not exist', () => {
    expect(judge('src/cli/a.ts', './b.ts', false)).toContain('does not exist');
  });
});

describe('words', () => {
  it.each(['QueueManager', 'stringUtils', 'utils', 'common', 'CommonShape', 'testHelper', 'QUEUE_Util'])(
    '%s',
    (name) => {
      expect(isEmptyWord(name)).toBe(true);
    },
  );

  it.each(['utilisation', 'commonly', 'managerial', 'ServiceContract', 'message', 'recommend'])('not %s', (name) => {
    expect(isEmptyWord(name)).toBe(false);
  });

  it('are looked for in names and paths, not in texts', () => {
    const text = `// a Manager\nconst a = 'Manager';\nclass SqsService {}\nfunction bodyHelper() {}\n`;
    expect(bannedNames(sourceFile('src/a/b.ts', text)).map(({ line }) => line)).toEqual([3, 4]);
    expect(bannedNames(sourceFile('src/utils/b.ts', ''))).toHaveLength(1);
  });
});

describe('constructs', () => {
  function lines(path: string, text: string): number[] {
    return [...new Set(bannedConstructs(sourceFile(path, text)).map(({ line }) => line))];
  }

  it.each([
    ['src/a.ts', 'let a: any;'],
    ['src/a.ts', 'f<any>(b as any[]);'],
    ['src/a.ts', 'export default a;'],
    ['src/std/a.ts', "console.log('x');"],
    ['src/engines/a.ts', 'const now = Date.now();'],
    ['src/engines/a.ts', 'async function step() {}'],
    ['src/engines/a.ts', "import { a } from 'node:fs';"],
    ['src/a.test.ts', "it.only('x', f);"],
    ['src/a.test.ts', "describe.concurrent.skip('x', f);"],
    ['src/a.test.ts', 'await new Promise((done) => {\n  setTimeout(done, 5);\n});'],
  ])('%s: %s is found', (path, text) => {
    expect(lines(path, text)).toEqual([1]);
  });

  it.each([
    ['src/a.ts', '// any of these: any\nconst any = 1;'],
    ['src/a.ts', '// codec: the decoder builds what the model says\nlet a: any;'],
    ['src/a.ts', 'const anyOf: many = [expect.any(Number)];'],
    ['vitest.config.ts', 'export default a;'],
    ['src/cli/a.ts', 'console.log(1);'],
    ['src/runtime/a.ts', 'setTimeout(f, Date.now());'],
    ['src/a.test.ts', "it.skipIf(windows)('x', f);"],
    ['src/a.test.ts', '// real time: the socket is quiet only if nothing comes\nawait sleep(5);'],
    ['src/a.test.ts', 'const timer = setTimeout(fail, 5);'],
  ])('%s: %s is allowed', (path, text) => {
    expect(lines(path, text)).toEqual([]);
  });
});

describe('documentation', () => {
  it('gives its links and paths', () => {
    const page = '# A page, `b`\n[x](y.md#z) [site](https://x.y)\n```\n[no](no)\n```\n`src/a.ts` `a/b.ts` `src/*`\n';
    expect(linksOf(page)).toEqual([{ line: 2, target: 'y.md#z' }]);
    expect(pathsOf(page, new Set(['src']))).toEqual([{ line: 6, target: 'src/a.ts' }]);
    expect(linkTarget('docs/a.md', '../b.md#c')).toBe('b.md');
    expect(linkTarget('docs/a.md', '#c')).toBeUndefined();
    expect(anchorsOf(page)).toEqual(new Set(['a-page-b']));
  });
});

describe('machine traces', () => {
  it.each(['work/main', 'root/x', 'home/ada/x', 'Users/Ada/x'])('finds /%s', (path) => {
    expect(machineTraces(`a\n"/${path}"`)).toHaveLength(1);
    expect(machineTraces(`a\n"file:///${path}"`)).toHaveLength(1);
  });

  it.each(['./work/main', 'src/root/x', 'https://x.y/home/ada/', '~/work/x'])('allows %s', (path) => {
    expect(machineTraces(path)).toEqual([]);
  });

  it('finds what makes a lock file local', () => {
    const packages = {
      'node_modules/a': { resolved: 'http://mirror.example/a.tgz', optionalDependencies: { b: '1', c: '1' } },
      'node_modules/c': { resolved: 'https://registry.npmjs.org/c.tgz' },
    };
    expect(lockFileProblems({ packages })).toEqual([
      'node_modules/a is resolved to one mirror',
      'b, which node_modules/a needs on another platform, is missing',
    ]);
  });
});
