/**
 * `npm run budget -- [--seconds N] [--posthorn CMD] [--dry-run]`: joins the programs of this folder with the modules of
 * Posthorn that they measure, as the server itself is joined, and runs them. Posthorn has to be built.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..', '..');
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const dir = join(root, 'bench', 'dist', 'budget');
const bundle = await rolldown({
  cwd: root,
  input: { main: join(here, 'main.ts'), socketFloor: join(here, 'socketFloor.ts') },
  platform: 'node',
  external: [/^node:/, new RegExp(`^(${Object.keys(dependencies).join('|')})(/|$)`)],
  resolve: { conditionNames: ['source', 'node', 'import'] },
  tsconfig: false,
});
await bundle.write({ dir, format: 'esm', entryFileNames: '[name].js' });
await bundle.close();
await import(pathToFileURL(join(dir, 'main.js')).href);
