/**
 * Builds dist/ from src/: the compiler checks and writes declarations, the bundler writes the programs. It knows in a few
 * milliseconds that dist/ is up to date: a stamp holds the size and the time of the last change of everything the build
 * reads, and the names of what it wrote. A checkout gives the files it changes a new time, so it is seen; and where only
 * times changed, the compiler's own hashes make the rebuild a short one.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { root, runNode, runQuietly, SetupError, step } from './setup.mjs';

const source = join(root, 'src');
const output = join(root, 'dist');
const stampFile = join(output, '.stamp.json');
const compilerState = join(output, '.tsbuildinfo');
const project = join(root, 'tsconfig.build.json');
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const bundler = join(root, 'scripts', 'bundle.mjs');
/** The programs, and the library: files of src/ that something outside of it starts or imports. */
const entries = ['main', 'server', 'edge', 'owner', 'storeJobs'];

export async function build() {
  const sources = listFiles(source).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  // Taken before anything is read: a file saved meanwhile differs from the stamp and is built the next time.
  const inputs = fingerprint(sources);
  const stamp = readStamp();
  const present = new Set(listFiles(output));
  if (stamp?.inputs === inputs && stamp.outputs.every((file) => present.has(join(output, file)))) return;
  rmSync(stampFile, { force: true });
  const declarations = sources.map(declarationOf);
  // The compiler does not look whether what it wrote is still there.
  if (declarations.some((file) => !present.has(join(output, file)))) rmSync(compilerState, { force: true });
  const programs = await step('Built dist', async () => {
    const runs = [
      [compiler, '--project', project],
      [bundler, ...entries],
    ].map((args) => runQuietly(process.execPath, args));
    // Of both that fail, the compiler says it better.
    for (const { status, output: messages } of await Promise.all(runs)) {
      if (status !== 0) throw new SetupError(`${messages.trim()}\nThe build failed.`);
    }
    const { output: written } = await runs[1];
    return JSON.parse(written.trim().split('\n').at(-1));
  });
  const outputs = [...declarations, ...programs];
  removeStale(new Set(outputs.map((file) => join(output, file))));
  writeFileSync(stampFile, `${JSON.stringify({ inputs, outputs })}\n`);
}

/** Runs the compiler on this terminal; resolves to its exit code. */
export function compile(args) {
  return runNode(compiler, args);
}

function fingerprint(sources) {
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'package.json', 'package-lock.json', 'scripts/bundle.mjs'];
  const files = [...sources, ...settings.map((file) => join(root, file))];
  const lines = files.map((file) => {
    const { size, mtimeMs } = statSync(file);
    return `${relative(root, file).split(sep).join('/')} ${size} ${mtimeMs}`;
  });
  return lines.sort().join('\n');
}

/** What earlier builds left behind would be packed, and could still be imported. */
function removeStale(kept) {
  for (const file of listFiles(output)) {
    if (/\.(js|js\.map|d\.ts)$/.test(file) && !kept.has(file)) rmSync(file, { force: true });
  }
}

function declarationOf(file) {
  return relative(source, file).replace(/\.ts$/, '.d.ts');
}

function listFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return undefined;
  }
}
