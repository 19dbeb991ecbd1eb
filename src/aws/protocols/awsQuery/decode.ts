/** Query parameters to inputs, compiled per shape. Refusals have AWS's texts where those are known. */

import {
  type ListShape,
  type MapShape,
  type Member,
  missingParameter,
  type ServiceContract,
  type Shape,
  type StructureShape,
} from '../../contract.ts';
import { malformedInput, shapeOf } from '../protocol.ts';
import { decodeBase64, int32Max, int32Min, int64Max, int64Min, parseTimestamp } from '../scalars.ts';
import { elementName, isFlattened, keyName, valueName, wireName } from './names.ts';
import { indexedChildren, type ParameterNode } from './parameters.ts';

/** `name` is the parameter as the client wrote it, for refusals. */
export type Decoder = (node: ParameterNode, name: string) => unknown;

/** Decoders of one contract by shape, and by how a reference flattens it. */
export type KnownDecoders = Map<string, Decoder>;

export function compileDecoder(contract: ServiceContract, member: Member, known: KnownDecoders): Decoder {
  const shape = shapeOf(contract, member.shape);
  const flat = (shape.type === 'list' || shape.type === 'map') && isFlattened(member, shape);
  const key = flat ? `${member.shape} flattened` : member.shape;
  const existing = known.get(key);
  if (existing !== undefined) return existing;
  let compiled: Decoder | undefined;
  known.set(key, (node, name) => compiled?.(node, name));
  compiled = compile(contract, shape, flat, known);
  known.set(key, compiled);
  return compiled;
}

function compile(contract: ServiceContract, shape: Shape, flat: boolean, known: KnownDecoders): Decoder {
  switch (shape.type) {
    case 'structure':
      return compileStructure(contract, shape, known);
    case 'list':
      return compileList(contract, shape, flat, known);
    case 'map':
      return compileMap(contract, shape, flat, known);
    case 'string':
      return scalar;
    case 'boolean':
      return (node) => decodeBoolean(scalar(node));
    case 'integer':
      return (node) => whole(scalar(node), int32Min, int32Max);
    case 'long':
      return (node) => whole(scalar(node), int64Min, int64Max);
    case 'float':
    case 'double':
      return (node) => fractional(scalar(node));
    case 'blob':
      return (node) => decodeBase64(scalar(node));
    case 'timestamp':
      return (node) => decodeTimestamp(scalar(node));
    default:
      return shape satisfies never;
  }
}

function compileStructure(contract: ServiceContract, shape: StructureShape, known: KnownDecoders): Decoder {
  const members: [name: string, wire: string, decode: Decoder][] = [];
  for (const [name, member] of Object.entries(shape.members)) {
    const wire = wireName(name, member, shapeOf(contract, member.shape));
    members.push([name, wire, compileDecoder(contract, member, known)]);
  }
  return (node, prefix) => {
    const target: Record<string, unknown> = {};
    const { children } = node;
    if (children === undefined) return target;
    for (const [name, wire, decode] of members) {
      // Clients written by hand use the documented member's name, too: MessageAttributes.1 beside MessageAttribute.1.
      const child = children.get(wire) ?? children.get(name);
      if (child !== undefined) target[name] = decode(child, prefix === '' ? wire : `${prefix}.${wire}`);
    }
    return target;
  };
}

function compileList(contract: ServiceContract, shape: ListShape, flat: boolean, known: KnownDecoders): Decoder {
  const element = compileDecoder(contract, shape.member, known);
  const below = elementName(shape);
  return (node, name) => {
    // SDKs write an empty list as an empty value; clients written by hand write a list of one without its index.
    if (node.children === undefined) return node.value === '' ? [] : [element(node, name)];
    const [list, prefix] = flat ? [node, name] : nested(node, name, below);
    return indexedChildren(list).map((child, index) => element(child, `${prefix}.${index + 1}`));
  };
}

function compileMap(contract: ServiceContract, shape: MapShape, flat: boolean, known: KnownDecoders): Decoder {
  const element = compileDecoder(contract, shape.value, known);
  const keys = keyName(shape);
  const values = valueName(shape);
  return (node, name) => {
    const target: Record<string, unknown> = Object.create(null);
    const [map, prefix] = flat ? [node, name] : nested(node, name, 'entry');
    // The oldest form, for one entry: Attribute.Name=...&Attribute.Value=...
    const entries = map.children?.has(keys) ? [map] : indexedChildren(map);
    for (const [index, entry] of entries.entries()) {
      const at = entry === map ? prefix : `${prefix}.${index + 1}`;
      const key = entry.children?.get(keys);
      const value = entry.children?.get(values);
      if (key === undefined) throw missingParameter(`${at}.${keys}`);
      if (value === undefined) throw missingParameter(`${at}.${values}`);
      target[scalar(key)] = element(value, `${at}.${values}`);
    }
    return target;
  };
}

/** `Tags.member.1` and, from clients that flatten everything, `Tags.1`. */
function nested(node: ParameterNode, name: string, below: string): [ParameterNode, string] {
  const child = node.children?.get(below);
  return child === undefined ? [node, name] : [child, `${name}.${below}`];
}

function scalar(node: ParameterNode): string {
  // Measured at SQS and SNS: whatever is nested is called a list.
  if (node.value === undefined) throw malformedInput('Start of list found where not expected');
  return node.value;
}

function decodeBoolean(text: string): boolean {
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw malformedInput('boolean must follow xsd1.1 definition');
}

function whole(text: string, min: number, max: number): number {
  if (!/^[+-]?\d{1,30}$/.test(text)) throw malformedInput('STRING_VALUE can not be converted to an Integer');
  return Math.min(Math.max(Number(text), min), max);
}

function fractional(text: string): number {
  if (/^[+-]?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})([eE][+-]?\d{1,4})?$/.test(text)) return Number(text);
  if (text === 'NaN' || text === 'Infinity' || text === '-Infinity') return Number(text);
  throw malformedInput('STRING_VALUE can not be converted to a Double');
}

function decodeTimestamp(text: string): number {
  const time = parseTimestamp(text);
  if (time === undefined) throw malformedInput('timestamp must follow ISO8601');
  return time;
}
