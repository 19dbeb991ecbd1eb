/** Outputs to XML, compiled per shape to closures that concatenate. */

import type { MapShape, Member, ServiceContract, Shape, StructureShape } from '../../contract.ts';
import { shapeOf } from '../protocol.ts';
import { encodeBase64, timestampText } from '../scalars.ts';
import { elementName, isFlattened, keyName, valueName, wireName } from './names.ts';

/** The content of an element for a value, tags not included. */
type Content = (value: unknown) => string;

export function compileContent(contract: ServiceContract, name: string, known: Map<string, Content>): Content {
  const existing = known.get(name);
  if (existing !== undefined) return existing;
  let compiled: Content | undefined;
  known.set(name, (value) => compiled?.(value) ?? '');
  compiled = compile(contract, shapeOf(contract, name), known);
  known.set(name, compiled);
  return compiled;
}

function compile(contract: ServiceContract, shape: Shape, known: Map<string, Content>): Content {
  switch (shape.type) {
    case 'structure':
      return compileStructure(contract, shape, known);
    case 'list':
      return elements(elementName(shape), compileContent(contract, shape.member.shape, known));
    case 'map':
      return entries('entry', contract, shape, known);
    case 'string':
      return (value) => escaped(value as string);
    case 'blob':
      return (value) => encodeBase64(value as Uint8Array);
    case 'timestamp':
      return (value) => timestampText(value as number, shape.timestampFormat ?? 'iso8601');
    case 'boolean':
    case 'integer':
    case 'long':
    case 'float':
    case 'double':
      return String;
    default:
      return shape satisfies never;
  }
}

function compileStructure(contract: ServiceContract, shape: StructureShape, known: Map<string, Content>): Content {
  const members: [name: string, write: Content][] = [];
  for (const [name, member] of Object.entries(shape.members)) {
    members.push([name, compileMember(contract, name, member, known)]);
  }
  return (value) => {
    let text = '';
    for (const [name, write] of members) {
      const found = (value as Record<string, unknown>)[name];
      if (found !== undefined) text += write(found);
    }
    return text;
  };
}

function compileMember(contract: ServiceContract, name: string, member: Member, known: Map<string, Content>): Content {
  const shape = shapeOf(contract, member.shape);
  const wire = wireName(name, member, shape);
  if (shape.type === 'list' && isFlattened(member, shape)) {
    return elements(wire, compileContent(contract, shape.member.shape, known));
  }
  if (shape.type === 'map' && isFlattened(member, shape)) return entries(wire, contract, shape, known);
  if (shape.type === 'timestamp' && member.timestampFormat !== undefined) {
    const format = member.timestampFormat;
    return (value) => `<${wire}>${timestampText(value as number, format)}</${wire}>`;
  }
  const content = compileContent(contract, member.shape, known);
  return (value) => element(wire, content(value));
}

function element(name: string, content: string): string {
  return content === '' ? `<${name}/>` : `<${name}>${content}</${name}>`;
}

function elements(name: string, content: Content): Content {
  return (value) => {
    let text = '';
    for (const found of value as readonly unknown[]) text += element(name, content(found));
    return text;
  };
}

function entries(name: string, contract: ServiceContract, shape: MapShape, known: Map<string, Content>): Content {
  const content = compileContent(contract, shape.value.shape, known);
  const key = keyName(shape);
  const value = valueName(shape);
  return (map) => {
    let text = '';
    for (const [found, under] of Object.entries(map as Record<string, unknown>)) {
      text += `<${name}><${key}>${escaped(found)}</${key}>${element(value, content(under))}</${name}>`;
    }
    return text;
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the control characters that XML cannot hold are what it looks for.
const toEscape = /[&<>"\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const allToEscape = new RegExp(toEscape, 'g');

/**
 * Text of an element. A carriage return is written as a reference, or a parser would read a line feed, and the MD5 of a
 * body would not match; quotes are, because SQS does. What XML cannot hold at all becomes a replacement character: it
 * gets here in refusals that repeat what the client sent.
 */
export function escaped(text: string): string {
  return toEscape.test(text) ? text.replace(allToEscape, reference) : text;
}

function reference(character: string): string {
  switch (character) {
    case '&':
      return '&amp;';
    case '<':
      return '&lt;';
    case '>':
      return '&gt;';
    case '"':
      return '&quot;';
    case '\r':
      return '&#xD;';
    default:
      return '\ufffd';
  }
}
