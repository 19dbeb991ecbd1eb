/**
 * Joins the modules of src/ into a few files in dist/: Node takes longer to find, read and link 500 small modules than to run
 * them. What is imported by `import()` becomes a file of its own, loaded when it is asked for. Packages stay outside, where
 * npm installs them.
 *
 *     node scripts/bundle.mjs <entry>...    entries are paths in src/, without their ending
 *
 * A program of its own, because the bundler keeps its threads and its memory: `npm start` goes on as the server.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { root } from './setup.mjs';

const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const bundle = await rolldown({
  cwd: root,
  input: Object.fromEntries(process.argv.slice(2).map((entry) => [entry, join(root, 'src', `${entry}.ts`)])),
  platform: 'node',
  external: [/^node:/, new RegExp(`^(${Object.keys(dependencies).join('|')})(/|$)`)],
  resolve: { conditionNames: ['source', 'node', 'import'] },
  tsconfig: false,
});
const { output } = await bundle.write({
  dir: join(root, 'dist'),
  format: 'esm',
  sourcemap: true,
  sourcemapExcludeSources: true,
  entryFileNames: '[name].js',
  // No hashes: a stack of one build is to be comparable with that of the next. Beside the entries, so that a URL relative to
  // a file that is directly in src/ means the same in dist/.
  chunkFileNames: 'part-[name].js',
  // One file for what every part stands on, in place of a dozen small ones.
  codeSplitting: { groups: [{ name: 'std', test: /[\\/]src[\\/](std|storage[\\/](store|checks))\b/ }] },
});
await bundle.close();
console.log(JSON.stringify(output.map(({ fileName }) => fileName)));
