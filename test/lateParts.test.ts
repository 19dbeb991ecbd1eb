/** What a start loads: everything that `import` reaches from the two entries, and nothing that only `import()` does. */
import { expect, test } from 'vitest';
import { type ImportMap, resolveImport } from './tidy/layers.ts';
import { readText } from './tidy/repository.ts';

const importMap: ImportMap = JSON.parse(readText('package.json')).imports;
/** Of a value: types are erased. Its names may stand on several lines. */
const staticImport = /^(?:import|export)(?! type\b)(?:[^;'"()=]*\bfrom)?\s*'([^']+)'/gm;

function reachedFrom(entry: string): { readonly files: ReadonlySet<string>; readonly others: ReadonlySet<string> } {
  const files = new Set([entry]);
  const others = new Set<string>();
  for (const file of files) {
    for (const [, specifier = ''] of readText(file).matchAll(staticImport)) {
      const found = resolveImport(file, specifier, importMap);
      if (found === undefined) others.add(specifier);
      else files.add(found);
    }
  }
  return { files, others };
}

test('the program loads the server when it is to start one', () => {
  const { files, others } = reachedFrom('src/main.ts');
  expect([...files]).toContain('src/cli/commandLine.ts');
  expect([...files].filter((file) => !/^src\/((main|compileCache)\.ts$|cli\/|std\/)/.test(file))).toEqual([]);
  expect([...others].filter((name) => !name.startsWith('node:'))).toEqual([]);
});

test('the server loads the operations on keys, users and topics with the first call', () => {
  const { files } = reachedFrom('src/server.ts');
  for (const service of ['iam', 'kms', 'sns']) {
    expect(files.has(`src/services/${service}/index.ts`)).toBe(true);
    expect([...files].filter((file) => file.startsWith(`src/services/${service}/operations`))).toEqual([]);
    expect(reachedFrom(`src/services/${service}/operations.ts`).files.size).toBeGreaterThan(20);
  }
  expect(files.has('src/services/sqs/operations/sendMessage.ts')).toBe(true);
});

test('the server loads of the packages the logger alone, and HTTP/2 with the first push', () => {
  const { others } = reachedFrom('src/server.ts');
  expect([...others].filter((name) => !name.startsWith('node:'))).toEqual(['pino']);
  expect(others.has('node:http')).toBe(true);
  expect(others.has('node:http2')).toBe(false);
});
