import { nestingDepth } from './limits.ts';
import type { Scalar } from './valuePattern.ts';

export type JsonValue = Scalar | JsonObject | JsonArray;
export type JsonArray = readonly JsonValue[];

export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/**
 * A message body for policies to look at: undefined of anything but a JSON object, which no policy matches. A dot within
 * a name is a step, as in a policy: `{ "a.b": 1 }` is `{ "a": { "b": 1 } }`.
 */
export function readMessageBody(text: string): JsonObject | undefined {
  const value = parseJson(text);
  if (value === undefined || !isJsonObject(value)) return undefined;
  const { isTooDeep, hasDots } = survey(value);
  if (isTooDeep) return undefined;
  return hasDots ? new Expansion().expandObject(value) : value;
}

export function isJsonObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isJsonArray(value: JsonValue): value is JsonArray {
  return Array.isArray(value);
}

export function isScalar(value: JsonValue): value is Scalar {
  return typeof value !== 'object' || value === null;
}

/** An object's own property: a body may well lack `toString`. */
export function memberOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Survey {
  hasDots: boolean;
  isTooDeep: boolean;
}

/** Looks at every name, no deeper than AWS reads: what comes after it may use recursion as well. */
function survey(
  value: JsonObject | JsonArray,
  depth = 1,
  found: Survey = { hasDots: false, isTooDeep: false },
): Survey {
  found.isTooDeep ||= depth > nestingDepth;
  if (found.isTooDeep) return found;
  if (isJsonArray(value)) {
    for (const element of value) if (!isScalar(element)) survey(element, depth + 1, found);
    return found;
  }
  for (const name in value) {
    const steps = name.includes('.') ? name.split('.').length : 1;
    found.hasDots ||= steps > 1;
    found.isTooDeep ||= steps > nestingDepth;
    const member = value[name];
    if (member !== undefined && !isScalar(member)) survey(member, depth + steps, found);
  }
  return found;
}

/**
 * Takes names with dots apart. Objects that so come to the same place become one. Where one of two values is no object,
 * both stay, as elements of an array: policies ask for any of them.
 */
class Expansion {
  /** What was made here and may therefore be changed. */
  readonly #own = new Set<JsonValue>();

  expandObject(object: JsonObject): MutableObject {
    const target = this.#create();
    for (const [name, value] of Object.entries(object)) {
      const steps = name.split('.');
      const last = steps.pop() ?? '';
      const holder = steps.reduce((inside, step) => this.#open(inside, step), target);
      this.#put(holder, last, this.#expand(value));
    }
    return target;
  }

  #expand(value: JsonValue): JsonValue {
    if (isJsonArray(value)) return value.map((element) => this.#expand(element));
    return isJsonObject(value) ? this.expandObject(value) : value;
  }

  /** The object at a step, made or taken apart from others if need be. */
  #open(object: MutableObject, step: string): MutableObject {
    const existing = memberOf(object, step);
    const candidates = this.#isOwnArray(existing) ? existing : [existing];
    const found = candidates.find((value) => this.#isOwnObject(value));
    if (found !== undefined) return found;
    const created = this.#create();
    this.#put(object, step, created);
    return created;
  }

  #put(object: MutableObject, step: string, value: JsonValue): void {
    const existing = memberOf(object, step);
    if (existing === undefined) object[step] = value;
    else if (this.#isOwnObject(existing) && isJsonObject(value)) {
      for (const [name, member] of Object.entries(value)) this.#put(existing, name, member);
    } else if (this.#isOwnArray(existing)) existing.push(value);
    else {
      const both = [existing, value];
      this.#own.add(both);
      object[step] = both;
    }
  }

  #create(): MutableObject {
    // Without a prototype a name like `__proto__` is one like any other.
    const created: MutableObject = Object.create(null);
    this.#own.add(created);
    return created;
  }

  #isOwnObject(value: JsonValue | undefined): value is MutableObject {
    return value !== undefined && isJsonObject(value) && this.#own.has(value);
  }

  #isOwnArray(value: JsonValue | undefined): value is JsonValue[] {
    return value !== undefined && isJsonArray(value) && this.#own.has(value);
  }
}

interface MutableObject {
  [name: string]: JsonValue;
}
