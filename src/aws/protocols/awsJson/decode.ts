/**
 * JSON bodies to inputs. Each shape compiles to one closure that checks and copies; a member's decoder is found by the
 * key that the body has, so the cost follows the body and not the model. Only known keys are copied, and map objects have
 * no prototype, so a key like `__proto__` is data.
 *
 * The texts of refusals are AWS's, measured there: a table of the JSON type found and the type wanted.
 */

import { holdText, TextBytes } from '#std/textBytes';
import type { ListShape, MapShape, ServiceContract, Shape, StructureShape } from '../../contract.ts';
import { malformedInput, shapeOf } from '../protocol.ts';
import { checkedTime, decodeBase64, int32Max, int32Min, int64Max, int64Min } from '../scalars.ts';

/**
 * Gives the decoded value; never sees null or undefined, nor long texts that `parseBody` left as bytes. A structure's members are put
 * into `target`, if there is one.
 */
export type Decoder = (value: unknown, target?: object) => unknown;

/** `known` holds the decoders of one contract, by shape; recursive shapes find themselves there. */
export function compileDecoder(contract: ServiceContract, name: string, known: Map<string, Decoder>): Decoder {
  const existing = known.get(name);
  if (existing !== undefined) return existing;
  let compiled: Decoder | undefined;
  known.set(name, (value) => compiled?.(value));
  compiled = compile(contract, shapeOf(contract, name), known);
  known.set(name, compiled);
  return compiled;
}

function compile(contract: ServiceContract, shape: Shape, known: Map<string, Decoder>): Decoder {
  switch (shape.type) {
    case 'structure':
      return compileStructure(contract, shape, known);
    case 'list':
      return compileList(contract, shape, known);
    case 'map':
      return compileMap(contract, shape, known);
    case 'string':
      return decodeString;
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? value : refuse(value, 'a Boolean'));
    case 'integer':
      return (value) => whole(value, int32Min, int32Max, 'an Integer');
    case 'long':
      return (value) => whole(value, int64Min, int64Max, 'a Long');
    case 'float':
      return (value) => fractional(value, 'a Float');
    case 'double':
      return (value) => fractional(value, 'a Double');
    case 'blob':
      return (value) => (typeof value === 'string' ? decodeBase64(value) : refuse(value, 'a Blob'));
    case 'timestamp':
      return decodeTimestamp;
    default:
      return shape satisfies never;
  }
}

function compileStructure(contract: ServiceContract, shape: StructureShape, known: Map<string, Decoder>): Decoder {
  const members = new Map<string, Decoder>();
  for (const [key, member] of Object.entries(shape.members)) {
    members.set(key, compileDecoder(contract, member.shape, known));
  }
  return (value, given = {}) => {
    const source = asObject(value, 'Expected null');
    const target = given as Record<string, unknown>;
    for (const key in source) {
      const decode = members.get(key);
      const found = source[key];
      if (decode === undefined || found === null) continue;
      if (!(found instanceof TextBytes)) target[key] = decode(found);
      else if (decode === decodeString) holdText(target, key, found);
      else target[key] = decode(found.toString());
    }
    return target;
  };
}

function decodeString(value: unknown): string {
  return typeof value === 'string' ? value : refuse(value, 'a String');
}

function compileList(contract: ServiceContract, shape: ListShape, known: Map<string, Decoder>): Decoder {
  const element = compileDecoder(contract, shape.member.shape, known);
  return (value) => {
    if (!Array.isArray(value)) {
      throw malformedInput(typeof value === 'object' ? structureFound : 'Expected list or null');
    }
    const target: unknown[] = [];
    // Measured: a null in a list is as good as absent.
    for (const found of value) if (found !== null) target.push(element(found));
    return target;
  };
}

function compileMap(contract: ServiceContract, shape: MapShape, known: Map<string, Decoder>): Decoder {
  const element = compileDecoder(contract, shape.value.shape, known);
  return (value) => {
    const source = asObject(value, 'Expected map or null');
    const target: Record<string, unknown> = Object.create(null);
    for (const key in source) {
      const found = source[key];
      if (found !== null) target[key] = element(found instanceof TextBytes ? found.toString() : found);
    }
    return target;
  };
}

const listFound = 'Start of list found where not expected';
// AWS ends this one with a stop and the other without.
const structureFound = 'Start of structure or map found where not expected.';

function asObject(value: unknown, scalarText: string): Record<string, unknown> {
  if (Array.isArray(value)) throw malformedInput(listFound);
  if (typeof value !== 'object' || value === null) throw malformedInput(scalarText);
  return value as Record<string, unknown>;
}

function refuse(value: unknown, wanted: string): never {
  if (Array.isArray(value)) throw malformedInput(listFound);
  if (typeof value === 'object') throw malformedInput(structureFound);
  const found = typeof value === 'boolean' ? String(value).toUpperCase() : (typeof value).toUpperCase();
  throw malformedInput(`${found}_VALUE can not be converted to ${wanted}`);
}

// Measured: 1.5 passes as 1, and 99999999999 for 32 bits passes the decoder and fails the range check behind it.
function whole(value: unknown, min: number, max: number, wanted: string): number {
  if (typeof value !== 'number') return refuse(value, wanted);
  return Math.min(Math.max(Math.trunc(value), min), max);
}

function fractional(value: unknown, wanted: string): number {
  if (typeof value === 'number') return value;
  // JSON has no words for these; both sides of AWS write them as strings.
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  return refuse(value, wanted);
}

function decodeTimestamp(value: unknown): number {
  const wanted = 'milliseconds since epoch';
  if (typeof value !== 'number') return refuse(value, wanted);
  return checkedTime(value * 1000) ?? refuse(value, wanted);
}

/** The root of a body; measured: a list there is named, anything else that is no object is not. */
export function decodeRoot(decode: Decoder, value: unknown, target: object): object {
  if (typeof value !== 'object' || value === null) throw malformedInput('');
  try {
    return decode(value, target) as object;
  } catch (error) {
    // A shape that holds itself, a hundred thousand times over, ends the stack.
    if (error instanceof RangeError) throw malformedInput('');
    throw error;
  }
}
