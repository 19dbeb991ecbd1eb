/**
 * The model's constraints on an input, compiled per shape. Violations are collected and reported together, each naming
 * its member by the path that AWS prints: first letters small, list elements from 1, `.member` behind an index.
 *
 * Services of the kind `parameter` (SQS) get one check only, that what the top level requires is there.
 */

import {
  AwsError,
  type ListShape,
  type MapShape,
  missingParameter,
  type NumberShape,
  type ServiceContract,
  type StringShape,
  type StructureShape,
} from './contract.ts';
import { shapeOf } from './protocols/protocol.ts';

/** Throws the refusal of an input. */
export type Validator = (input: unknown) => void;

/** Adds what is wrong with a value to `found`. */
type Check = (value: unknown, path: string, found: string[]) => void;

/** Kinesis stops counting at ten; the answer stays readable, and a hostile list cannot grow it. */
const violationsMax = 10;
/** Characters of an offending value that are shown. */
const shownMax = 1024;

/** @returns undefined where the model has nothing to check */
export function compileValidator(contract: ServiceContract, name: string): Validator | undefined {
  if (contract.inputErrors === 'parameter') return compileRequired(contract, name);
  const check = compileCheck(contract, name, new Map());
  return (
    check &&
    ((input) => {
      const found: string[] = [];
      check(input, '', found);
      if (found.length > 0) throw validationError(found);
    })
  );
}

function compileRequired(contract: ServiceContract, name: string): Validator | undefined {
  const shape = shapeOf(contract, name);
  if (shape.type !== 'structure' || shape.required === undefined) return undefined;
  const required = shape.required;
  return (input) => {
    for (const member of required) {
      // Whether it is there: to read it could make a text of its bytes (`std/textBytes.ts`).
      if (!Object.hasOwn(input as object, member)) throw missingParameter(member);
    }
  };
}

function validationError(found: readonly string[]): AwsError {
  const count = found.length === 1 ? '1 validation error' : `${found.length} validation errors`;
  return new AwsError('ValidationException', `${count} detected: ${found.join('; ')}`, {
    queryCode: 'ValidationError',
  });
}

function compileCheck(
  contract: ServiceContract,
  name: string,
  known: Map<string, Check | undefined>,
): Check | undefined {
  if (known.has(name)) return known.get(name);
  // As in the codecs: a recursive shape is taken to have something to check until it is known.
  let compiled: Check | undefined;
  known.set(name, (value, path, found) => compiled?.(value, path, found));
  const shape = shapeOf(contract, name);
  switch (shape.type) {
    case 'structure':
      compiled = compileStructure(contract, shape, known);
      break;
    case 'list':
      compiled = compileList(contract, shape, known);
      break;
    case 'map':
      compiled = compileMap(contract, shape, known);
      break;
    case 'string':
      compiled = compileString(shape);
      break;
    case 'blob':
      compiled = compileLength(shape, (value) => (value as Uint8Array).length);
      break;
    case 'integer':
    case 'long':
    case 'float':
    case 'double':
      compiled = compileNumber(shape as NumberShape);
      break;
    default:
      compiled = undefined;
  }
  known.set(name, compiled);
  return compiled;
}

function compileStructure(
  contract: ServiceContract,
  shape: StructureShape,
  known: Map<string, Check | undefined>,
): Check | undefined {
  const required = new Set(shape.required);
  const checks: [name: string, shown: string, required: boolean, check: Check | undefined][] = [];
  for (const [name, member] of Object.entries(shape.members)) {
    const check = compileCheck(contract, member.shape, known);
    if (check !== undefined || required.has(name)) checks.push([name, smallFirst(name), required.has(name), check]);
  }
  if (checks.length === 0) return undefined;
  return (value, path, found) => {
    for (const [name, shown, isRequired, check] of checks) {
      const member = (value as Record<string, unknown>)[name];
      if (member === undefined) {
        if (isRequired) violation(found, undefined, join(path, shown), 'Member must not be null');
      } else {
        check?.(member, join(path, shown), found);
      }
    }
  };
}

function compileList(
  contract: ServiceContract,
  shape: ListShape,
  known: Map<string, Check | undefined>,
): Check | undefined {
  const length = compileLength(shape, (value) => (value as readonly unknown[]).length);
  const element = compileCheck(contract, shape.member.shape, known);
  if (length === undefined && element === undefined) return undefined;
  return (value, path, found) => {
    length?.(value, path, found);
    if (element === undefined) return;
    const list = value as readonly unknown[];
    for (let index = 0; index < list.length && found.length < violationsMax; index++) {
      element(list[index], `${path}.${index + 1}.member`, found);
    }
  };
}

function compileMap(
  contract: ServiceContract,
  shape: MapShape,
  known: Map<string, Check | undefined>,
): Check | undefined {
  const size = compileLength(shape, (value) => Object.keys(value as object).length);
  const key = compileCheck(contract, shape.key.shape, known);
  const element = compileCheck(contract, shape.value.shape, known);
  if (size === undefined && key === undefined && element === undefined) return undefined;
  return (value, path, found) => {
    size?.(value, path, found);
    for (const [name, member] of Object.entries(value as object)) {
      if (found.length >= violationsMax) return;
      key?.(name, `${path}.${name}.key`, found);
      element?.(member, `${path}.${name}.member`, found);
    }
  };
}

function compileString(shape: StringShape): Check | undefined {
  const length = compileLength(shape, (value) => (value as string).length);
  const pattern = shape.pattern === undefined ? undefined : compilePattern(shape.pattern);
  const allowed = shape.enum === undefined ? undefined : new Set(shape.enum);
  const allowedText = `Member must satisfy enum value set: [${shape.enum?.join(', ')}]`;
  if (length === undefined && pattern === undefined && allowed === undefined) return undefined;
  return (value, path, found) => {
    const before = found.length;
    length?.(value, path, found);
    // A pattern is only tried on what has a legal length: backtracking costs, and the text may be megabytes.
    if (pattern !== undefined && found.length === before && !pattern.test(value as string)) {
      violation(found, value, path, `Member must satisfy regular expression pattern: ${shape.pattern}`);
    }
    if (allowed !== undefined && !allowed.has(value as string)) violation(found, value, path, allowedText);
  };
}

function compileLength(
  { min, max }: { readonly min?: number; readonly max?: number },
  lengthOf: (value: unknown) => number,
): Check | undefined {
  if (min === undefined && max === undefined) return undefined;
  return (value, path, found) => {
    const length = lengthOf(value);
    if (min !== undefined && length < min) {
      violation(found, value, path, `Member must have length greater than or equal to ${min}`);
    } else if (max !== undefined && length > max) {
      violation(found, value, path, `Member must have length less than or equal to ${max}`);
    }
  };
}

function compileNumber({ min, max }: NumberShape): Check | undefined {
  if (min === undefined && max === undefined) return undefined;
  return (value, path, found) => {
    const number = value as number;
    if (min !== undefined && number < min) {
      violation(found, value, path, `Member must have value greater than or equal to ${min}`);
    } else if (max !== undefined && number > max) {
      violation(found, value, path, `Member must have value less than or equal to ${max}`);
    }
  };
}

/** The models' patterns are Java's. Those that JavaScript cannot read in either mode are left to the service. */
function compilePattern(pattern: string): RegExp | undefined {
  for (const flags of ['su', 's']) {
    // Without the flag u, \p{L} would quietly mean the letter p.
    if (flags === 's' && pattern.includes('\\p{')) return undefined;
    try {
      return new RegExp(`^(?:${pattern})$`, flags);
    } catch {
      // The next mode, or none.
    }
  }
  return undefined;
}

function violation(found: string[], value: unknown, path: string, constraint: string): void {
  if (found.length >= violationsMax) return;
  const shown = value === undefined ? 'null' : `'${shownValue(value)}'`;
  found.push(`Value ${shown} at '${path}' failed to satisfy constraint: ${constraint}`);
}

function shownValue(value: unknown): string {
  // This is how Java, and so AWS, prints bytes.
  if (value instanceof Uint8Array) return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`;
  if (Array.isArray(value)) return clip(`[${value.slice(0, shownMax).map(shownElement).join(', ')}]`);
  return clip(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

function shownElement(value: unknown): string {
  return typeof value === 'object' ? '{...}' : String(value);
}

function clip(text: string): string {
  return text.length <= shownMax ? text : `${text.slice(0, shownMax)}...`;
}

function smallFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function join(path: string, member: string): string {
  return path === '' ? member : `${path}.${member}`;
}
