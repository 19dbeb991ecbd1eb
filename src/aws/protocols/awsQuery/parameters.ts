/**
 * Query parameters: `a=1&List.1.Name=x` to a flat map, and that to a tree along the dots. Both are bounded before
 * anything is allocated by what a name says: an index is a key of a map here, never an array's length.
 */

import type { AwsError } from '../../contract.ts';
import { edgeLimits } from '../../limits.ts';
import { malformedInput, type Parameters } from '../protocol.ts';

const plus = 0x2b;
const space = 0x20;

/**
 * Adds the parameters of a form or a query string. A name that occurs twice keeps its first value, within a source and
 * across sources, so the caller reads the strongest source first.
 */
export function readParameters(text: string, into: Map<string, string>): void {
  let start = 0;
  let pairs = 0;
  while (start < text.length) {
    let end = text.indexOf('&', start);
    if (end === -1) end = text.length;
    if (end > start) {
      // Repeated names count, too: reading them takes as long.
      if (++pairs > edgeLimits.parametersMax) throw tooManyParameters();
      readPair(text.slice(start, end), into);
    }
    start = end + 1;
  }
}

function readPair(pair: string, into: Map<string, string>): void {
  // Within the pair: looked for in the whole text, a form without any would be read to its end for each pair.
  const equals = pair.indexOf('=');
  const name = unescaped(equals === -1 ? pair : pair.slice(0, equals));
  if (into.has(name)) return;
  if (into.size >= edgeLimits.parametersMax) throw tooManyParameters();
  into.set(name, equals === -1 ? '' : unescaped(pair.slice(equals + 1)));
}

function tooManyParameters(): AwsError {
  return malformedInput(`A request can have at most ${edgeLimits.parametersMax} parameters`);
}

function unescaped(text: string): string {
  const spaced = text.includes('+') ? withSpaces(text) : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    // Not UTF-8, or no hexadecimal behind a percent sign: guessing would change a message.
    throw malformedQuery();
  }
}

/** Texts of forms are Latin-1. Byte by byte: `replaceAll` takes 10 us, and 18 KB of garbage, for the words of 1 KiB. */
function withSpaces(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  for (let index = 0; index < bytes.length; index += 1) if (bytes[index] === plus) bytes[index] = space;
  return bytes.toString('latin1');
}

function malformedQuery(): AwsError {
  return malformedInput('The request is not properly encoded');
}

/** What stands behind one prefix: a value of its own, or more names, or both. */
export interface ParameterNode {
  value: string | undefined;
  children: Map<string, ParameterNode> | undefined;
}

export function parameterTree(parameters: Parameters): ParameterNode {
  const root: ParameterNode = { value: undefined, children: undefined };
  for (const [name, value] of parameters) {
    let node = root;
    let start = 0;
    let depth = 0;
    for (let end = 0; end !== -1; start = end + 1) {
      if (++depth > edgeLimits.parameterDepthMax) throw malformedInput('A parameter name has too many parts');
      end = name.indexOf('.', start);
      node = childOf(node, end === -1 ? name.slice(start) : name.slice(start, end));
    }
    node.value = value;
  }
  return root;
}

function childOf(node: ParameterNode, key: string): ParameterNode {
  node.children ??= new Map();
  let child = node.children.get(key);
  if (child === undefined) {
    child = { value: undefined, children: undefined };
    node.children.set(key, child);
  }
  return child;
}

const indexPattern = /^\d{1,10}$/;

/** The children of a list or map in the order of their numbers; gaps close up, as AWS does. Names are not numbers: refused. */
export function indexedChildren(node: ParameterNode): ParameterNode[] {
  if (node.children === undefined) return [];
  const found: [index: number, child: ParameterNode][] = [];
  for (const [key, child] of node.children) {
    if (!indexPattern.test(key)) throw malformedInput('Start of structure or map found where not expected.');
    found.push([Number(key), child]);
  }
  return found.sort((left, right) => left[0] - right[0]).map(([, child]) => child);
}
