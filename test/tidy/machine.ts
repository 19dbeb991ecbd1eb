/** Traces of the machine that a file was written on, which mean nothing anywhere else. */
import { lineAt } from './repository.ts';

// Put together from pieces, so that this file passes its own test.
const homes = ['work', 'root', 'home/[a-z][\\w-]*', 'Users/[A-Za-z][\\w-]*'].map((folder) => `/${folder}/`);
const absolutePath = new RegExp(`(?<![\\w.~})/-])(?:file://)?(?:${homes.join('|')})`, 'g');
const registryHost = new RegExp(`\\b(?:localhost|127\\.0\\.0\\.1|registry|npm|verdaccio)[\\w.-]*:${4873}\\b`, 'g');

export function machineTraces(text: string): { line: number; what: string }[] {
  return [absolutePath, registryHost].flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => ({ line: lineAt(text, match.index), what: match[0] })),
  );
}

interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly resolved?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** What keeps a lock file from working elsewhere: packages of one mirror, or missing ones of another platform. */
export function lockFileProblems({ packages }: LockFile): string[] {
  const mirrored = Object.entries(packages)
    .filter(([, { resolved, link }]) => !link && /^https?:/.test(resolved ?? ''))
    .filter(([, { resolved }]) => !resolved?.startsWith('https://registry.npmjs.org/'))
    .map(([path]) => `${path} is resolved to one mirror`);
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {})
      .filter((name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages))
      .map((name) => `${name}, which ${path} needs on another platform, is missing`),
  );
  return [...mirrored, ...missing];
}
