import { globOf, hasWildcard, matchesGlob } from './glob.ts';
import type { RequestView } from './requestView.ts';
import { compileGlob, expandText, type Template } from './template.ts';
import type { Effect } from './types.ts';

export type ViewTest = (view: RequestView) => boolean;

/** Whether one of these texts is the text; undefined when the request lacks a key that the pattern needs. */
type ResourceTest = (resource: string, view: RequestView) => boolean | undefined;

/** The elements Action and NotAction. */
export function compileActions(patterns: readonly string[], isInverse: boolean): ViewTest {
  const lower = patterns.map((pattern) => pattern.toLowerCase());
  if (lower.includes('*')) return () => !isInverse;
  const literals = new Set(lower.filter((pattern) => !hasWildcard(pattern)));
  const globs = lower.filter(hasWildcard).map(globOf);
  return ({ action }) => (literals.has(action) || globs.some((glob) => matchesGlob(glob, action))) !== isInverse;
}

/**
 * The elements Resource and NotResource. A pattern whose variable has no value matches nothing; but an Allow for all but
 * such a pattern doesn't allow everything, as one can't say what the exception was to be.
 */
export function compileResources(
  patterns: readonly Template[],
  { isInverse, effect }: { readonly isInverse: boolean; readonly effect: Effect },
): ViewTest {
  const tests = patterns.map(compileResource);
  const forAll = isInverse && effect === 'Allow' ? false : isInverse;
  return (view) => {
    const { resource } = view.request;
    let isOpen = false;
    for (const test of tests) {
      const result = test(resource, view);
      if (result) return !isInverse;
      isOpen ||= result === undefined;
    }
    return isOpen ? forAll : isInverse;
  };
}

function compileResource(template: Template): ResourceTest {
  const globOfView = compileGlob(template, true);
  if (template.variables.length > 0) {
    return (resource, view) => {
      const glob = globOfView(view);
      return glob && matchesGlob(glob, resource);
    };
  }
  const glob = globOfView(undefined) ?? [];
  if (glob.every((code) => code >= 0)) {
    const text = expandText(template, undefined);
    return (resource) => resource === text;
  }
  return (resource) => matchesGlob(glob, resource);
}
