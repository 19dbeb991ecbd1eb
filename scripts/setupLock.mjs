/**
 * Completes package-lock.json with the packages for other platforms that npm left out, which it does where the registry
 * at hand does not carry them. Without them `npm ci` fails (npm 11) or leaves a tool without its binary (npm 10) there.
 * An entry needs no hash: npm takes the version from here and the rest from the registry.
 *
 *     node scripts/setupLock.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

const file = join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = [];

for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies || {})) {
    const place = `node_modules/${name}`;
    if (lock.packages[place] || lock.packages[`${path}/${place}`]) continue;
    const [, os, cpu, libc] = /(android|darwin|freebsd|linux|win32)-(arm64|arm|x64|ia32)(?:-(musl))?$/.exec(name) || [];
    if (os === undefined) throw new Error(`${name}: the platform can't be told from the name; add it by hand.`);
    lock.packages[place] = {
      version,
      cpu: [cpu],
      ...(entry.dev && { dev: true }),
      ...(libc && { libc: [libc] }),
      optional: true,
      os: [os],
    };
    added.push(name);
  }
}

if (added.length > 0) {
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries(sorted);
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}
console.log(added.length === 0 ? 'The lock file is complete.' : `Added ${added.join(', ')}.`);
