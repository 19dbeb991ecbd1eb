/** The types half of a generated module: what an operation takes and returns, by name. */

import { literal, propertyName } from './modelShapes.mjs';

const noteText = [
  '// Enumerated strings are plain `string` in members: the edge passes on what the client sent where the service words its',
  '// own refusal, and a client newer than this model must not be typed away. The unions are there for tables and switches.',
  '// Timestamps are milliseconds since the epoch; 64-bit integers are numbers, exact up to 2^53.',
  '',
];

/** @returns {string} interfaces of every structure in use, unions of enumerations, and the map of operations */
export function typesSource({ name, model, unsaid, reachable }) {
  const lines = [...noteText];
  for (const shapeName of reachable.all) {
    const shape = model.shapes[shapeName];
    if (!reachable.inputs.has(shapeName) && !reachable.outputs.has(shapeName)) continue;
    if (shape.type === 'structure') lines.push(...interfaceOf(model, shapeName, isLoose(shapeName)), '');
    else if (shape.enum?.length > 0) lines.push(unionOf(shapeName, shape.enum), '');
  }
  lines.push(...operationsOf(name, model));
  return lines.join('\n');

  // Where the service itself checks what is nested in an input, the type must not promise that it is there.
  function isLoose(shapeName) {
    return unsaid.inputErrors === 'parameter' && reachable.nestedInputs.has(shapeName);
  }
}

function interfaceOf(model, shapeName, loose) {
  const shape = model.shapes[shapeName];
  const required = new Set(loose ? [] : (shape.required ?? []));
  const members = Object.entries(shape.members);
  if (members.length === 0) return [`export type ${shapeName} = { readonly [member: string]: never };`];
  const lines = [`export interface ${shapeName} {`];
  for (const [memberName, member] of members) {
    const type = typeOf(model, member.shape);
    const mark = required.has(memberName) ? `: ${type}` : `?: ${type} | undefined`;
    lines.push(`  readonly ${propertyName(memberName)}${mark};`);
  }
  lines.push('}');
  return lines;
}

// Maps are written as index signatures: Kinesis has a structure of the name Record.
function typeOf(model, shapeName) {
  const shape = model.shapes[shapeName];
  switch (shape.type) {
    case 'structure':
      return shapeName;
    case 'list': {
      const element = typeOf(model, shape.member.shape);
      return /^[\w.]+$/.test(element) ? `readonly ${element}[]` : `readonly (${element})[]`;
    }
    case 'map':
      return `{ readonly [key: string]: ${typeOf(model, shape.value.shape)} }`;
    case 'boolean':
      return 'boolean';
    case 'blob':
      return 'Uint8Array';
    case 'integer':
    case 'long':
    case 'float':
    case 'double':
    case 'timestamp':
      return 'number';
    case 'string':
      return 'string';
    default:
      throw new Error(`${shapeName} is of a type that this generator does not know: ${shape.type}`);
  }
}

function unionOf(shapeName, values) {
  const line = `export type ${shapeName} = ${values.map(literal).join(' | ')};`;
  if (line.length <= 120) return line;
  return [`export type ${shapeName} =`, ...values.map((value) => `  | ${literal(value)}`)].join('\n').concat(';');
}

function operationsOf(name, model) {
  const title = name.replace(/(^|-)([a-z])/g, (_, __, letter) => letter.toUpperCase());
  const lines = [`export interface ${title}Operations {`];
  for (const operationName of Object.keys(model.operations).sort()) {
    const { input, output } = model.operations[operationName];
    const none = '{ readonly [member: string]: never }';
    lines.push(`  ${operationName}: { input: ${input?.shape ?? none}; output: ${output?.shape ?? 'void'} };`);
  }
  lines.push('}', '');
  return lines;
}
