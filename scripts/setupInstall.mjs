/**
 * Installs what package-lock.json lists, and decides without npm, in a millisecond, that there is nothing to install:
 * after an install, a stamp in node_modules holds the lock file's hash. Where the stamp is missing or differs, npm's own
 * record of what it installed (node_modules/.package-lock.json) is compared with the lock file package by package, so
 * a change to the load generators' packages, or an install by hand, costs nobody a second install.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { root, runQuietly, SetupError, step } from './setup.mjs';

const modules = join(root, 'node_modules');
const stampFile = join(modules, '.posthorn-install.json');
const workspaces = ['bench'];

/** `workspace: true` installs the packages of the private workspaces too; without it they stay as they are. */
export async function install({ workspace = false } = {}) {
  const lockText = readFileSync(join(root, 'package-lock.json'));
  const hash = createHash('sha256').update(lockText).digest('hex');
  const stamp = readJson(stampFile);
  if (stamp !== undefined && stamp.lock === hash && (stamp.workspace || !workspace)) return;
  const installed = readJson(join(modules, '.package-lock.json'));
  const withWorkspace = workspace || workspaceInstalled();
  if (installed === undefined || !satisfies(JSON.parse(lockText), installed, withWorkspace)) {
    await npmInstall(withWorkspace, installed === undefined);
  }
  writeFileSync(stampFile, `${JSON.stringify({ lock: hash, workspace: withWorkspace })}\n`);
}

export function workspaceInstalled() {
  return existsSync(join(modules, 'posthorn-bench'));
}

async function npmInstall(workspace, fresh) {
  const scope = workspace ? [] : ['--workspaces=false'];
  const quiet = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];
  await step(workspace ? 'Installed the packages, the load generators too' : 'Installed the packages', async () => {
    // `ci` empties node_modules first, so where something is installed already the slower command is the quicker one,
    // and it takes nothing away from a server or a test that is running. Neither writes the lock file.
    let result = fresh ? await npm(['ci', ...scope, ...quiet]) : undefined;
    if (result !== undefined && /EUSAGE/.test(result.output)) {
      console.error('package-lock.json does not list every package (run `npm install` to complete it); going on.');
      result = undefined;
    }
    if (result === undefined) result = await npm(['install', '--no-save', ...scope, ...quiet]);
    if (result.status !== 0) throw new SetupError(explain(result.output));
  });
}

function explain(output) {
  // The first lines say what happened; npm goes on with stacks and where its log is.
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !/^npm error\s+at /.test(line));
  const said = lines
    .map((line) => `  ${line}`)
    .slice(0, 6)
    .join('\n');
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED/.test(output)) {
    return `The packages could not be fetched, because the package registry does not answer:\n${said}\nCheck the network, or name your mirror or proxy with \`npm config set registry ...\` or \`npm config set https-proxy ...\`, and run the same command again.`;
  }
  if (/ENOSPC/.test(output)) {
    return `The packages could not be installed, because the disk is full:\n${said}\nMake room and run the same command again.`;
  }
  if (/EACCES|EPERM/.test(output)) {
    return `The packages could not be installed, because this user may not write there:\n${said}\nMake the folder your own (an earlier \`sudo npm\` leaves such files), and run the same command again.`;
  }
  return `The packages could not be installed. npm said:\n${said}\nIf it says nothing useful, delete node_modules and run the same command again.`;
}

/** npm is a script that Node can run itself: no shell, and no `npm.cmd` on Windows. */
function npm(args) {
  const beside = dirname(process.execPath);
  const script = [
    process.env.npm_execpath,
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ].find((path) => path && basename(path) === 'npm-cli.js' && existsSync(path));
  if (script !== undefined) return runQuietly(process.execPath, [script, ...args]);
  return runQuietly('npm', args, { shell: process.platform === 'win32' }).catch((error) => {
    throw new SetupError(`npm could not be run (${error.message}). It comes with Node.js: https://nodejs.org`);
  });
}

/** Whether everything that is needed is installed, in the version that the lock file names. */
function satisfies(lock, installed, workspace) {
  if (workspace && !workspaceInstalled()) return false;
  for (const path of needed(lock.packages, workspace ? ['', ...workspaces] : [''])) {
    const wanted = lock.packages[path];
    const present = installed.packages[path];
    const absent = present === undefined || !existsSync(join(root, path));
    // An optional package is one for another platform, or one that npm could not get and went on without.
    if (absent && !wanted.optional) return false;
    if (!absent && !wanted.link && present.version !== wanted.version) return false;
  }
  return true;
}

/** The places in node_modules that `from` lead to, as Node resolves them. */
function needed(packages, from) {
  const seen = new Set();
  const waiting = [...from];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const entry = packages[path] || {};
    const own = path === '' || workspaces.includes(path);
    const names = {
      ...entry.dependencies,
      ...entry.optionalDependencies,
      ...entry.peerDependencies,
      ...(own && entry.devDependencies),
    };
    for (const name of Object.keys(names)) {
      const found = resolvePackage(packages, path, name);
      if (found !== undefined && !seen.has(found)) {
        seen.add(found);
        waiting.push(found);
      }
    }
  }
  return seen;
}

function resolvePackage(packages, from, name) {
  let folder = from;
  for (;;) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (folder === '') return undefined;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')));
  }
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
