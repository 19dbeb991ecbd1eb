import { isJsonMap, refuse, textsOf } from './document.ts';
import { isAwsPrincipal, type PrincipalNames } from './principals.ts';

const servicePattern = /^[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?$/;
const canonicalUserPattern = /^[0-9a-f]{64}$/;

/** For each type, whether a name can be one. Federated: the ARN or the host of a provider. */
const types: Readonly<Record<string, (name: string) => boolean>> = {
  AWS: (name) => name === '*' || isAwsPrincipal(name),
  Service: (name) => servicePattern.test(name),
  Federated: (name) => /^[\w./:@+=,-]+$/.test(name),
  CanonicalUser: (name) => canonicalUserPattern.test(name),
};

/** The element Principal or NotPrincipal. `{"AWS": "*"}` means the same as `"*"`. */
export function readPrincipals(element: unknown, kind: string): PrincipalNames {
  if (element === '*') return { everyone: true, aws: [], service: [], federated: [] };
  if (typeof element === 'string') return refuseName(`"${element}"`, kind);
  if (!isJsonMap(element)) return refuse('Syntax errors in policy.');
  const entries = Object.entries(element);
  if (entries.length === 0) refuse('Missing required field Principal cannot be empty!');
  const names = new Map<string, readonly string[]>();
  for (const [type, value] of entries) {
    if (!Object.hasOwn(types, type)) refuseName(`"${type}"`, kind);
    const texts = textsOf(value) ?? refuseName(`"${type}"`, kind);
    if (texts.length === 0) refuse('The passed in policy has a statement with no principals!');
    const wrong = texts.find((text) => !types[type]?.(text));
    if (wrong !== undefined) refuseName(`"${type}":"${wrong}"`, kind);
    names.set(type, texts);
  }
  const aws = names.get('AWS') ?? [];
  const everyone = aws.includes('*');
  // Canonical users are S3's; nobody here is one.
  return { everyone, aws, service: names.get('Service') ?? [], federated: names.get('Federated') ?? [] };
}

function refuseName(name: string, kind: string): never {
  if (kind === 'key') return refuse('Policy contains a statement with one or more invalid principals.');
  return refuse(`Invalid principal in policy: ${name}`);
}
