/** Who may import whom: the table of docs/ARCHITECTURE.md. */
import { dirname, posix } from 'node:path';
import type { Import, SourceFile } from './repository.ts';

/** The folders (or files) of `src` that each folder (or file) of `src` may import besides itself. */
export const layers: Readonly<Record<string, readonly string[]>> = {
  std: [],
  engines: ['std'],
  storage: ['std'],
  access: ['std'],
  runtime: ['engines', 'storage', 'std'],
  aws: ['access', 'std'],
  services: ['runtime', 'engines', 'access', 'aws/contract.ts', 'aws/generated', 'std'],
  protocols: ['runtime', 'engines', 'std'],
  admin: ['runtime', 'std'],
  cli: ['std'],
  edge: ['std', 'engines', 'runtime', 'aws', 'services'],
  owners: ['std', 'engines', 'storage', 'runtime', 'aws', 'edge'],
  'edge.ts': ['edge', 'collector.ts', 'compileCache.ts'],
  'owner.ts': ['owners', 'storage', 'services', 'collector.ts', 'compileCache.ts'],
  'main.ts': ['cli', 'server.ts', 'collector.ts', 'compileCache.ts'],
  'server.ts': [
    'std',
    'access',
    'engines',
    'storage',
    'runtime',
    'aws',
    'services',
    'protocols',
    'admin',
    'edge',
    'owners',
  ],
};

/** `imports` of package.json: `#std/*` and where it leads in the sources. */
export type ImportMap = Readonly<Record<string, { readonly source: string }>>;

/** The path that an import leads to, or undefined for packages, for Node's own modules and for what is not declared. */
export function resolveImport(from: string, specifier: string, importMap: ImportMap): string | undefined {
  if (specifier.startsWith('.')) return posix.join(dirname(from), specifier);
  for (const [pattern, { source }] of Object.entries(importMap)) {
    const [before = '', after] = pattern.split('*');
    if (after === undefined && specifier === pattern) return posix.normalize(source);
    if (after === undefined || !specifier.startsWith(before) || !specifier.endsWith(after)) continue;
    return posix.normalize(source.replace('*', specifier.slice(before.length, specifier.length - after.length)));
  }
  return undefined;
}

/** What is wrong with one import, or undefined. `exists` knows every file of the repository. */
export function judgeImport(
  file: SourceFile,
  { specifier }: Import,
  importMap: ImportMap,
  exists: (path: string) => boolean,
): string | undefined {
  const isRelative = specifier.startsWith('.');
  if (!isRelative && !specifier.startsWith('#')) return undefined;
  const target = resolveImport(file.path, specifier, importMap);
  if (target === undefined) return `${specifier} is not declared in the imports of package.json`;
  if (!exists(target)) return `${specifier} leads to ${target}, which does not exist`;
  const from = file.path.split('/');
  const to = target.split('/');
  if (from[0] !== 'src' || to[0] !== 'src' || from[1] === undefined || to[1] === undefined) return undefined;
  const fromService = from[1] === 'services' && to[1] === 'services' ? from[2] : undefined;
  if (fromService !== undefined && fromService !== to[2]) {
    return `the service ${fromService} imports the service ${to[2]}; a queue handle of the runtime goes between them`;
  }
  // What stands beside server.ts is a part of it, too long for one file.
  const isServerPart = to.length === 2 && to[1] !== 'main.ts';
  if (from[1] === to[1] || (isServerPart && from.length === 2 && from[1] !== 'main.ts')) return undefined;
  // The files above the folders have no other way in.
  if (isRelative && from.length > 2)
    return `${specifier} leaves ${from[1]}; across folders the front doors (#...) are used`;
  // A test may build what its subject stands on.
  if (file.isTest) return undefined;
  const allowed = from.length === 2 ? (layers[from[1]] ?? layers['server.ts']) : layers[from[1]];
  if (allowed === undefined) return `${from[1]} is not in the table of the layers`;
  const inside = to.slice(1).join('/');
  if (allowed.some((entry) => inside === entry || inside.startsWith(`${entry}/`))) return undefined;
  return `${from[1]} must not import ${to[1]} (${specifier}); it may import ${allowed.join(', ') || 'nothing'}`;
}
