/** The data half of a generated module: the `ServiceContract`. */

import { literal, propertyName } from './modelShapes.mjs';

/** @returns {string} `export const sqs: ServiceContract = {...}` */
export function contractSource({ name, model, paginators, unsaid, reachable }) {
  const { metadata } = model;
  const protocols = [...(metadata.protocols ?? [metadata.protocol])];
  if (unsaid.queryToo && !protocols.includes('query')) protocols.push('query');
  const head = {
    service: metadata.signingName ?? metadata.endpointPrefix,
    apiVersion: metadata.apiVersion,
    targetPrefix: metadata.targetPrefix,
    shapeNamespace: `com.amazonaws.${metadata.serviceId.toLowerCase().replace(/[^a-z0-9]/g, '')}`,
    // Amazon MQ's model names a JSON version, but speaks REST only.
    jsonVersion: metadata.targetPrefix === undefined ? undefined : (metadata.jsonVersion ?? '1.0'),
    protocols,
    queryCompatible: metadata.awsQueryCompatible !== undefined,
    xmlNamespace: unsaid.xmlNamespace ?? namespaceOf(metadata),
    inputErrors: unsaid.inputErrors,
    queryErrorDetail: unsaid.queryErrorDetail,
  };
  const lines = [`export const ${name.replaceAll('-', '')}: ServiceContract = {`];
  for (const [key, value] of Object.entries(head)) {
    if (value !== undefined) lines.push(`  ${key}: ${literal(value)},`);
  }
  lines.push('  operations: {');
  for (const operationName of Object.keys(model.operations).sort()) {
    const operation = operationOf(model.operations[operationName], paginators[operationName], protocols);
    lines.push(`    ${propertyName(operationName)}: ${literal(operation)},`);
  }
  lines.push('  },', '  shapes: {');
  for (const shapeName of reachable.all) {
    lines.push(`    ${propertyName(shapeName)}: ${literal(shapeOf(model.shapes[shapeName]))},`);
  }
  lines.push('  },', '};', '');
  return lines.join('\n');
}

/** Services without an XML protocol have no namespace; the pattern of those that do serves error answers all the same. */
function namespaceOf(metadata) {
  return metadata.xmlNamespace ?? `http://${metadata.endpointPrefix}.amazonaws.com/doc/${metadata.apiVersion}/`;
}

function operationOf(operation, paginator, protocols) {
  const { method, requestUri, responseCode } = operation.http;
  const wraps = protocols.includes('query') && operation.output !== undefined;
  return {
    http:
      responseCode === undefined || responseCode === 200 ? [method, requestUri] : [method, requestUri, responseCode],
    input: operation.input?.shape,
    output: operation.output?.shape,
    // Models of today leave the wrapper out; in Query answers it is always there when something is returned.
    resultWrapper: wraps ? (operation.output.resultWrapper ?? `${operation.name}Result`) : undefined,
    errors: (operation.errors ?? []).map((error) => error.shape),
    paginator: paginator && paginatorOf(paginator),
  };
}

function paginatorOf(paginator) {
  return {
    inputToken: paginator.input_token,
    outputToken: paginator.output_token,
    limitKey: paginator.limit_key,
    resultKey: paginator.result_key,
  };
}

function memberOf(reference) {
  return {
    shape: reference.shape,
    locationName: reference.locationName,
    location: reference.location,
    flattened: flag(reference.flattened),
    idempotencyToken: flag(reference.idempotencyToken),
    eventPayload: flag(reference.eventpayload),
    timestampFormat: reference.timestampFormat,
  };
}

function shapeOf(shape) {
  switch (shape.type) {
    case 'structure':
      return {
        type: 'structure',
        required: shape.required?.length > 0 ? shape.required : undefined,
        members: Object.fromEntries(Object.entries(shape.members).map(([key, member]) => [key, memberOf(member)])),
        union: flag(shape.union),
        error: shape.exception ? errorOf(shape) : undefined,
        payload: shape.payload,
        eventStream: flag(shape.eventstream),
        event: flag(shape.event),
      };
    case 'list':
      return {
        type: 'list',
        member: memberOf(shape.member),
        flattened: flag(shape.flattened),
        min: shape.min,
        max: shape.max,
      };
    case 'map':
      return {
        type: 'map',
        key: memberOf(shape.key),
        value: memberOf(shape.value),
        flattened: flag(shape.flattened),
        min: shape.min,
        max: shape.max,
      };
    default:
      return scalarOf(shape);
  }
}

function scalarOf(shape) {
  return {
    type: shape.type,
    enum: shape.enum,
    min: shape.min,
    max: shape.max,
    pattern: shape.pattern,
    timestampFormat: shape.timestampFormat,
    streaming: flag(shape.streaming),
  };
}

function errorOf(shape) {
  return {
    code: shape.error?.code,
    httpStatus: shape.error?.httpStatusCode ?? (shape.fault ? 500 : undefined),
    senderFault: shape.error?.senderFault ?? (shape.fault ? false : undefined),
  };
}

function flag(value) {
  return value ? true : undefined;
}
