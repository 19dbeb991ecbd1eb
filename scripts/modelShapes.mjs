/** What the two halves of the generator share: walking a model's shapes, and writing TypeScript literals. */

/** The references that a shape makes to others. */
export function references(shape) {
  const found = Object.values(shape.members ?? {});
  for (const reference of [shape.member, shape.key, shape.value]) if (reference !== undefined) found.push(reference);
  return found;
}

/**
 * The shapes that the operations use, by how they are reached. Sorted by name, so that the order of the model's file
 * cannot show.
 */
export function reachableShapes(model) {
  const inputs = new Set();
  const nestedInputs = new Set();
  const outputs = new Set();
  const errors = new Set();
  for (const operation of Object.values(model.operations)) {
    if (operation.input) walk(model, operation.input.shape, inputs, nestedInputs);
    if (operation.output) walk(model, operation.output.shape, outputs);
    for (const error of operation.errors ?? []) walk(model, error.shape, errors);
  }
  const all = [...new Set([...inputs, ...outputs, ...errors])].sort();
  return { all, inputs, nestedInputs, outputs };
}

function walk(model, start, seen, nested) {
  const waiting = [start];
  while (waiting.length > 0) {
    const name = waiting.pop();
    if (seen.has(name)) continue;
    seen.add(name);
    const shape = model.shapes[name];
    if (shape === undefined) throw new Error(`the model refers to a shape that it lacks: ${name}`);
    for (const reference of references(shape)) {
      nested?.add(reference.shape);
      waiting.push(reference.shape);
    }
  }
}

/** A value as TypeScript source on one line, single quotes, keys bare where they may be; undefined members are left out. */
export function literal(value) {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (value === null || typeof value !== 'object') return String(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if (members.length === 0) return '{}';
  return `{ ${members.map(([key, member]) => `${propertyName(key)}: ${literal(member)}`).join(', ')} }`;
}

export function propertyName(name) {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
}

function quoted(text) {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  // Patterns hold control characters and lone surrogates; the file stays ASCII whatever a model says.
  return `'${inner.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}'`;
}
