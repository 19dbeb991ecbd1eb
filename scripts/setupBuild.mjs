/**
 * Builds dist/ from src/, and knows in a few milliseconds that it is up to date: a stamp holds the size and the time of
 * the last change of everything the build reads. A checkout gives the files it changes a new time, so it is seen; and
 * where only times changed, the compiler's own hashes make the rebuild a short one.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { root, runNode, runQuietly, SetupError, step } from './setup.mjs';

const source = join(root, 'src');
const output = join(root, 'dist');
const stampFile = join(output, '.stamp.json');
const compilerState = join(output, '.tsbuildinfo');
const project = join(root, 'tsconfig.build.json');
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

export async function build() {
  const sources = listFiles(source).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  // Taken before the compiler reads: a file saved meanwhile differs from the stamp and is built the next time.
  const stamp = fingerprint(sources);
  const missing = missingOutputs(sources);
  if (missing === 0 && readText(stampFile) === stamp) return;
  rmSync(stampFile, { force: true });
  // The compiler does not look whether what it wrote is still there.
  if (missing > 0) rmSync(compilerState, { force: true });
  await step('Built dist', async () => {
    const { status, output: messages } = await runQuietly(process.execPath, [compiler, '--project', project]);
    if (status !== 0) throw new SetupError(`${messages.trim()}\nThe build failed.`);
  });
  removeStale(sources);
  mkdirSync(output, { recursive: true });
  writeFileSync(stampFile, stamp);
}

/** Runs the compiler on this terminal; resolves to its exit code. */
export function compile(args) {
  return runNode(compiler, args);
}

function fingerprint(sources) {
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'package.json', 'package-lock.json'];
  const files = [...sources, ...settings.map((file) => join(root, file))];
  const lines = files.map((file) => {
    const { size, mtimeMs } = statSync(file);
    return `${relative(root, file).split(sep).join('/')} ${size} ${mtimeMs}`;
  });
  return `${JSON.stringify(lines.sort(), null, 0)}\n`;
}

function missingOutputs(sources) {
  const present = new Set(listFiles(output));
  return sources.filter((file) => !present.has(outputOf(file))).length;
}

/** What a deleted or renamed source file left behind would be packed, and could still be imported. */
function removeStale(sources) {
  const kept = new Set(sources.map(outputOf));
  for (const file of listFiles(output)) {
    const script = file.replace(/(\.d\.ts|\.js\.map|\.js)$/, '.js');
    if (script.endsWith('.js') && !kept.has(script)) rmSync(file, { force: true });
  }
}

function outputOf(file) {
  return join(output, relative(source, file)).replace(/\.ts$/, '.js');
}

function listFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
