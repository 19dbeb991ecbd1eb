/**
 * Outputs to JSON. Most are written by JSON.stringify as they are. Bytes and times are not, and neither are objects whose
 * texts are known to be plain: on each of their characters JSON.stringify spends 2 ns to find no escape. Shapes that may
 * hold such compile to an encoder that goes down to them, and no further. Where a text is bytes (`std/textBytes.ts`), so is
 * all of the output, in which they are copied once.
 */

import { hasPlainTexts } from '#std/plainTexts';
import { heldTexts, TextBytes } from '#std/textBytes';
import type { ServiceContract, Shape, StructureShape } from '../../contract.ts';
import { shapeOf } from '../protocol.ts';
import { encodeBase64 } from '../scalars.ts';

interface Encoder {
  /** Whether JSON.stringify may write this value. */
  isAsIs(value: unknown): boolean;
  /** Adds the pieces of any other value. They are joined once, so that a long text is copied once. */
  write(value: unknown, pieces: Piece[]): void;
}

type Piece = string | TextBytes;

/** Encoders of one contract, by shape; undefined where every value may be written as it is. */
export type Encoders = Map<string, Encoder | undefined>;

export function compileEncoder(
  contract: ServiceContract,
  name: string,
  known: Encoders,
): (output: unknown) => string | Buffer {
  const encoder = compileShape(contract, name, known);
  if (encoder === undefined) return (output) => JSON.stringify(output);
  return (output) => {
    if (encoder.isAsIs(output)) return JSON.stringify(output);
    const pieces: Piece[] = [];
    encoder.write(output, pieces);
    return pieces.some((piece) => piece instanceof TextBytes) ? bytesOf(pieces) : pieces.join('');
  };
}

function bytesOf(pieces: readonly Piece[]): Buffer {
  const all = pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece.bytes));
  return Buffer.concat(all);
}

function compileShape(contract: ServiceContract, name: string, known: Encoders): Encoder | undefined {
  if (known.has(name)) return known.get(name);
  // A recursive shape needs itself before it is known whether it needs anything; taking yes for an answer is safe.
  let compiled: Encoder | undefined;
  known.set(name, {
    isAsIs: (value) => compiled?.isAsIs(value) ?? true,
    write: (value, pieces) => compiled?.write(value, pieces),
  });
  compiled = compile(contract, shapeOf(contract, name), known);
  known.set(name, compiled);
  return compiled;
}

function compile(contract: ServiceContract, shape: Shape, known: Encoders): Encoder | undefined {
  switch (shape.type) {
    case 'structure':
      return compileStructure(contract, shape, known);
    case 'list':
      return compileList(compileShape(contract, shape.member.shape, known));
    case 'map':
      return compileMap(compileShape(contract, shape.value.shape, known));
    case 'blob':
      return scalar((value) => `"${encodeBase64(value as Uint8Array)}"`);
    case 'timestamp':
      return scalar((value) => JSON.stringify((value as number) / 1000));
    case 'float':
    case 'double':
      return scalar((value) => JSON.stringify(Number.isFinite(value) ? value : String(value)));
    default:
      return undefined;
  }
}

function scalar(text: (value: unknown) => string): Encoder {
  return { isAsIs: () => false, write: (value, pieces) => pieces.push(text(value)) };
}

function compileStructure(contract: ServiceContract, shape: StructureShape, known: Encoders): Encoder | undefined {
  const encoders = new Map<string, Encoder>();
  for (const [key, member] of Object.entries(shape.members)) {
    const encoder = compileShape(contract, member.shape, known);
    if (encoder !== undefined) encoders.set(key, encoder);
  }
  if (encoders.size === 0) return undefined;
  const special = [...encoders];
  const encoderOf = (key: string) => encoders.get(key);
  return {
    isAsIs: (value) => {
      const source = value as Record<string, unknown>;
      if (hasPlainTexts(source) || heldTexts(source) !== undefined) return false;
      return special.every(([key, encoder]) => source[key] === undefined || encoder.isAsIs(source[key]));
    },
    write: (value, pieces) => writeMembers(value as object, encoderOf, pieces),
  };
}

function compileList(element: Encoder | undefined): Encoder | undefined {
  if (element === undefined) return undefined;
  return {
    isAsIs: (value) => (value as readonly unknown[]).every((each) => element.isAsIs(each)),
    write: (value, pieces) => {
      let before = '[';
      for (const each of value as readonly unknown[]) {
        pieces.push(before);
        writeWith(element, each, pieces);
        before = ',';
      }
      pieces.push(']');
    },
  };
}

function compileMap(element: Encoder | undefined): Encoder | undefined {
  if (element === undefined) return undefined;
  return {
    isAsIs: (value) => Object.values(value as object).every((each) => element.isAsIs(each)),
    write: (value, pieces) => writeMembers(value as object, () => element, pieces),
  };
}

function writeMembers(value: object, encoderOf: (key: string) => Encoder | undefined, pieces: Piece[]): void {
  const source = value as Record<string, unknown>;
  const isPlain = hasPlainTexts(value);
  const held = heldTexts(value);
  let before = '{';
  for (const key of Object.keys(source)) {
    // Before the member is read, which would make a text of it.
    const bytes = held?.get(key);
    const found = bytes ?? source[key];
    if (found === undefined) continue;
    if (bytes !== undefined) {
      pieces.push(before, JSON.stringify(key), ':"', bytes, '"');
    } else if (isPlain && typeof found === 'string') {
      pieces.push(before, '"', key, '":"', found, '"');
    } else {
      pieces.push(before, JSON.stringify(key), ':');
      writeWith(encoderOf(key), found, pieces);
    }
    before = ',';
  }
  pieces.push(before === '{' ? '{}' : '}');
}

function writeWith(encoder: Encoder | undefined, value: unknown, pieces: Piece[]): void {
  if (encoder === undefined || encoder.isAsIs(value)) pieces.push(JSON.stringify(value));
  else encoder.write(value, pieces);
}
