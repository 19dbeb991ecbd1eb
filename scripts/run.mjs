/**
 * Every `npm` script of this repository runs through here: it installs and builds what is missing or outdated, says so in
 * one line each, and is silent and quick when there is nothing to do. Node's built-ins only, because it runs before
 * anything is installed, and old syntax only, so that an old Node gets the sentence below and not a parse error.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, runNode, SetupError } from './setup.mjs';
import { build, compile } from './setupBuild.mjs';
import { install, workspaceInstalled } from './setupInstall.mjs';

const oldestNode = [20, 19];

const commands = {
  start,
  build: prepare,
  test: async (args) => {
    await prepare();
    return vitest(args);
  },
  check,
  simulate,
  bench,
  budget: async (args) => {
    await prepare();
    return runNode(join(root, 'bench', 'src', 'budget', 'run.mjs'), args);
  },
  generate: async (args) => {
    await install();
    return runNode(join(root, 'scripts', 'generate.mjs'), args);
  },
};

async function prepare() {
  await install();
  await build();
  return 0;
}

/** In this process: one process less to start, to pass signals through and to take an exit code from. */
async function start(args) {
  await prepare();
  const main = join(root, 'dist', 'main.js');
  process.argv = [process.argv[0], main, 'start', ...args];
  stopWithParent();
  await import(pathToFileURL(main).href);
  return undefined;
}

/**
 * npm passes a SIGTERM to the shell that it started, and that shell dies of it without telling this process, which would
 * run on unseen. So the parent's disappearance counts as the signal, unless a signal has come by itself.
 */
function stopWithParent() {
  if (process.env.npm_lifecycle_event === undefined || process.platform === 'win32') return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  }, 100);
  watch.unref();
  const stopWatching = () => clearInterval(watch);
  process.once('SIGTERM', stopWatching).once('SIGINT', stopWatching);
}

async function check(args) {
  await install();
  // All of them, so that one run shows everything that is wrong.
  const steps = [
    () => compile(['--project', root, '--noEmit']),
    () => runNode(join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome'), ['check', ...args]),
    () => vitest(['test/tidy']),
  ];
  const bench = join(root, 'bench');
  // The load generators' packages are installed by `npm run bench` only.
  if (workspaceInstalled() && existsSync(join(bench, 'tsconfig.json'))) {
    steps.splice(1, 0, () => compile(['--project', bench, '--noEmit']));
  }
  let status = 0;
  for (const step of steps) {
    status = (await step()) || status;
  }
  return status;
}

/**
 * `--seed 123` runs one seed and shows its transcript, `--seeds 10000` that many, `--scenario fifo` those of one scenario;
 * everything else goes to Vitest.
 */
async function simulate(args) {
  await install();
  const variables = { '--seed': 'POSTHORN_SIM_SEED', '--seeds': 'POSTHORN_SIM_SEEDS' };
  const rest = [];
  let files = 'test/simulation';
  for (let i = 0; i < args.length; i += 1) {
    const [flag, inlineValue] = args[i].split('=', 2);
    const variable = variables[flag];
    if (flag === '--scenario') {
      files = scenarioFile(inlineValue === undefined ? args[++i] : inlineValue);
      continue;
    }
    if (variable === undefined) {
      rest.push(args[i]);
      continue;
    }
    const value = inlineValue === undefined ? args[++i] : inlineValue;
    if (!/^\d+$/.test(value || '')) {
      throw new SetupError(`${flag} needs a number, for example ${flag} 123.`, 2);
    }
    process.env[variable] = value;
  }
  return vitest([files, ...rest]);
}

/** Each scenario is a test file of its name. */
function scenarioFile(name) {
  const ending = '.test.ts';
  const files = readdirSync(join(root, 'test', 'simulation')).filter((file) => file.endsWith(ending));
  const names = files.map((file) => file.slice(0, -ending.length));
  if (!names.includes(name)) throw new SetupError(`--scenario needs one of these: ${names.join(', ')}.`, 2);
  return `test/simulation/${name}${ending}`;
}

async function bench(args) {
  await install({ workspace: true });
  await build();
  const status = await compile(['--project', join(root, 'bench')]);
  return status || runNode(join(root, 'bench', 'dist', 'main.js'), args);
}

function vitest(args) {
  return runNode(join(root, 'node_modules', 'vitest', 'vitest.mjs'), ['run', ...args]);
}

async function main() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    throw new SetupError(
      `Posthorn needs Node.js ${oldestNode.join('.')} or later, and this is ${process.version}. ` +
        'Install a current one from https://nodejs.org and run the same command again.',
    );
  }
  const [name, ...args] = process.argv.slice(2);
  if (!Object.keys(commands).includes(name)) {
    throw new SetupError(`Usage: node scripts/run.mjs <${Object.keys(commands).join('|')}> [arguments]`, 2);
  }
  return commands[name](args);
}

main().then(
  (status) => {
    // `start` sets its own exit code once the server has stopped.
    if (status !== undefined) process.exitCode = status;
  },
  (error) => {
    console.error(error instanceof SetupError ? error.message : error);
    process.exitCode = error.exitCode || 1;
  },
);
