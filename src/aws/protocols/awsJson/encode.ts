/**
 * Outputs to JSON. Most outputs are written by JSON.stringify as they are. Shapes with bytes or times below them compile
 * to a closure that copies only the branches where there are any.
 */

import type { ServiceContract, Shape, StructureShape } from '../../contract.ts';
import { shapeOf } from '../protocol.ts';
import { encodeBase64 } from '../scalars.ts';

/** Gives what JSON.stringify shall write in the value's place, the value itself where nothing needs changing. */
type Rewriter = (value: unknown) => unknown;

/** @returns undefined where every value of the shape may be written as it is */
export function compileRewriter(
  contract: ServiceContract,
  name: string,
  known: Map<string, Rewriter | undefined>,
): Rewriter | undefined {
  if (known.has(name)) return known.get(name);
  // A recursive shape needs itself before it is known whether it needs anything; taking yes for an answer is safe.
  let compiled: Rewriter | undefined;
  known.set(name, (value) => (compiled === undefined ? value : compiled(value)));
  compiled = compile(contract, shapeOf(contract, name), known);
  known.set(name, compiled);
  return compiled;
}

function compile(
  contract: ServiceContract,
  shape: Shape,
  known: Map<string, Rewriter | undefined>,
): Rewriter | undefined {
  switch (shape.type) {
    case 'structure':
      return compileStructure(contract, shape, known);
    case 'list': {
      const element = compileRewriter(contract, shape.member.shape, known);
      return element && ((value) => (value as readonly unknown[]).map(element));
    }
    case 'map': {
      const element = compileRewriter(contract, shape.value.shape, known);
      return element && ((value) => rewriteMap(value as Record<string, unknown>, element));
    }
    case 'blob':
      return (value) => encodeBase64(value as Uint8Array);
    case 'timestamp':
      return (value) => (value as number) / 1000;
    case 'float':
    case 'double':
      return (value) => (Number.isFinite(value) ? value : String(value));
    default:
      return undefined;
  }
}

function compileStructure(
  contract: ServiceContract,
  shape: StructureShape,
  known: Map<string, Rewriter | undefined>,
): Rewriter | undefined {
  const rewriters: [string, Rewriter][] = [];
  for (const [key, member] of Object.entries(shape.members)) {
    const rewriter = compileRewriter(contract, member.shape, known);
    if (rewriter !== undefined) rewriters.push([key, rewriter]);
  }
  if (rewriters.length === 0) return undefined;
  return (value) => {
    const source = value as Record<string, unknown>;
    let target = source;
    for (const [key, rewriter] of rewriters) {
      const found = source[key];
      if (found === undefined) continue;
      if (target === source) target = { ...source };
      target[key] = rewriter(found);
    }
    return target;
  };
}

function rewriteMap(source: Record<string, unknown>, element: Rewriter): Record<string, unknown> {
  const target: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(source)) target[key] = element(source[key]);
  return target;
}
