import type { JsonArray, JsonObject, JsonValue } from './messageBody.ts';
import { isJsonArray, isJsonObject, memberOf } from './messageBody.ts';
import type { Alternative } from './readPolicy.ts';
import { compilePatterns, type ValueTest } from './valueTest.ts';

/**
 * One alternative of a policy as a tree of names. Fields under a common name have to match within one and the same
 * element where a body has an array there: AWS's rule engine calls this array consistency. What must not exist must not
 * exist in that element; if nothing else is asked, in none.
 */
interface Branch {
  /** What is asked of the values at this very place. */
  readonly test?: ValueTest;
  readonly children: readonly (readonly [name: string, branch: Branch])[];
  /** It matches where nothing is. */
  readonly acceptsAbsence: boolean;
}

/** `absent`: nothing that was asked about is there, and that is as it should be. */
type Outcome = 'no' | 'absent' | 'yes';

export function compileBodyMatch(alternative: Alternative): (body: JsonObject) => boolean {
  const root = growBranch(
    [...alternative.values()].map(({ path, patterns }) => ({ steps: path.split('.'), patterns })),
  );
  return (body) => matchChildren(root, body) !== 'no';
}

interface Leaf {
  readonly steps: readonly string[];
  readonly patterns: Parameters<typeof compilePatterns>[0];
}

function growBranch(leaves: readonly Leaf[]): Branch {
  const here = leaves.find(({ steps }) => steps.length === 0);
  const beneath = leaves.filter(({ steps }) => steps.length > 0);
  const names = [...new Set(beneath.map(({ steps }) => steps[0] ?? ''))];
  const children = names.map((name) => {
    const group = beneath.filter(({ steps }) => steps[0] === name);
    return [name, growBranch(group.map(({ steps, patterns }) => ({ steps: steps.slice(1), patterns })))] as const;
  });
  const test = here && compilePatterns(here.patterns);
  const acceptsAbsence = test?.acceptsAbsence !== false && children.every(([, branch]) => branch.acceptsAbsence);
  return { ...(test && { test }), children, acceptsAbsence };
}

function match(branch: Branch, value: JsonValue | undefined): Outcome {
  const { test, children } = branch;
  const here = test ? matchHere(test, value) : 'absent';
  if (here === 'no' || children.length === 0) return here;
  const beneath = matchChildren(branch, value);
  return here === 'yes' && beneath === 'absent' ? 'yes' : beneath;
}

function matchHere(test: ValueTest, value: JsonValue | undefined): Outcome {
  const found = value === undefined ? 'none' : search(test, value);
  if (found === 'none') return test.acceptsAbsence ? 'absent' : 'no';
  return found === 'match' ? 'yes' : 'no';
}

/** Looks for a value that matches. An object is no value, and an array is its elements. */
function search(test: ValueTest, value: JsonValue): 'match' | 'others' | 'none' {
  if (isJsonObject(value)) return 'none';
  if (!isJsonArray(value)) return test.matches(value) ? 'match' : 'others';
  let found: 'others' | 'none' = 'none';
  for (const element of value) {
    const inElement = search(test, element);
    if (inElement === 'match') return 'match';
    if (inElement === 'others') found = 'others';
  }
  return found;
}

function matchChildren(branch: Branch, value: JsonValue | undefined): Outcome {
  if (value !== undefined && isJsonArray(value)) return matchAnElement(branch, value);
  if (value === undefined || !isJsonObject(value)) return childrenAreAbsent(branch);
  let outcome: Outcome = 'absent';
  for (const [name, child] of branch.children) {
    const ofChild = match(child, memberOf(value, name));
    if (ofChild === 'no') return 'no';
    if (ofChild === 'yes') outcome = 'yes';
  }
  return outcome;
}

function matchAnElement(branch: Branch, elements: JsonArray): Outcome {
  let isAbsentInAll = true;
  for (const element of elements) {
    const outcome = matchChildren(branch, element);
    if (outcome === 'yes') return 'yes';
    if (outcome === 'no') isAbsentInAll = false;
  }
  if (elements.length === 0) return childrenAreAbsent(branch);
  return isAbsentInAll ? 'absent' : 'no';
}

function childrenAreAbsent({ children }: Branch): Outcome {
  return children.every(([, branch]) => branch.acceptsAbsence) ? 'absent' : 'no';
}
