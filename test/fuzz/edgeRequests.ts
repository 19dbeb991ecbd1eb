/**
 * Requests for the fuzz tests of the edge: first right ones, made by the contracts, so that something of them arrives
 * everywhere; then spoilt ones. Everything comes out of the generator, so a number says which request it was.
 */
import type { Member, ServiceContract, Shape } from '#aws/contract';
import type { Prng } from '#std/prng';
import type { EdgeRequest } from '../../src/aws/protocols/protocol.ts';

const odd = [
  ...[
    '',
    '0',
    '-1',
    '1.5',
    '1e999',
    '9007199254740993',
    'true',
    'null',
    'NaN',
    'AAEC',
    'A',
    '{}',
    '[]',
    '"',
    '\\',
    '%',
  ],
  ...[
    '%00',
    '%ff',
    '%zz',
    '\u0000',
    '\u001f',
    '\u007f',
    '\ufffe',
    '\ud800',
    '\u{1f4ee}',
    ']]>',
    '&amp;',
    '<a>',
    '&',
    '=',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'member',
    'entry',
    '.',
    '..',
    '.1',
    '.0',
    '.4294967296',
    '1969-12-31T23:59:59Z',
  ],
];

/** A value of the shape, most of the time. */
export function sampleOf(contract: ServiceContract, name: string, prng: Prng, depth = 0): unknown {
  const shape = contract.shapes[name];
  if (shape === undefined || prng.chance(0.01)) return prng.pick(odd);
  switch (shape.type) {
    case 'structure':
      return Object.fromEntries(
        Object.entries(shape.members)
          .filter(([member]) => shape.required?.includes(member) || (depth < 4 && prng.chance(0.3)))
          .map(([member, { shape: of }]) => [member, sampleOf(contract, of, prng, depth + 1)]),
      );
    case 'list':
      return Array.from({ length: lengthOf(depth, prng) }, () =>
        sampleOf(contract, shape.member.shape, prng, depth + 1),
      );
    case 'map':
      return Object.fromEntries(
        Array.from({ length: lengthOf(depth, prng) }, () => [
          String(sampleOf(contract, shape.key.shape, prng, depth + 1)),
          sampleOf(contract, shape.value.shape, prng, depth + 1),
        ]),
      );
    default:
      return sampleScalar(shape, prng);
  }
}

const lengthOf = (depth: number, prng: Prng) => (depth > 4 ? 0 : prng.below(3));

function sampleScalar(shape: Shape, prng: Prng): unknown {
  switch (shape.type) {
    case 'string':
      if (shape.enum !== undefined) return prng.pick(shape.enum);
      return prng.chance(0.2)
        ? prng.pick(odd)
        : 'abcdefghijklmnopqrstuvwx'.slice(0, Math.max(shape.min ?? 0, prng.below(24)));
    case 'boolean':
      return prng.chance(0.5);
    case 'blob':
      return prng.pick(['', 'AAEC', 'AA==', 'AA']);
    case 'timestamp':
      return prng.below(2_000_000_000);
    default:
      return prng.below(1000) - 1;
  }
}

/** What an operation might return: bytes and times are not texts there. */
export function sampleOutput(contract: ServiceContract, name: string, prng: Prng, depth = 0): unknown {
  const shape = contract.shapes[name];
  if (shape?.type === 'blob') return Buffer.from('\u0000<&>');
  if (shape?.type === 'structure') {
    const members = Object.entries(shape.members).filter(() => depth < 4 && prng.chance(0.4));
    return Object.fromEntries(
      members.map(([key, { shape: of }]) => [key, sampleOutput(contract, of, prng, depth + 1)]),
    );
  }
  if (shape?.type === 'list') {
    return Array.from({ length: lengthOf(depth, prng) }, () =>
      sampleOutput(contract, shape.member.shape, prng, depth + 1),
    );
  }
  if (shape?.type === 'map') {
    const value = sampleOutput(contract, shape.value.shape, prng, depth + 1);
    return depth > 4 ? {} : { key: value, ['__proto__']: value, 'a<b': value };
  }
  return shape === undefined ? undefined : sampleScalar(shape, prng);
}

/** A right request for one operation, in one of the protocols of its service. */
export function requestFor(contract: ServiceContract, operation: string, prng: Prng): EdgeRequest {
  const { input } = contract.operations[operation] ?? {};
  const value = input === undefined ? {} : sampleOf(contract, input, prng);
  const authorization = `AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/${contract.service}/aws4_request, Signature=0`;
  const { targetPrefix, jsonVersion = '1.0' } = contract;
  if (targetPrefix !== undefined && (!contract.protocols.includes('query') || prng.chance(0.5))) {
    const headers = {
      ...{ host: 'h', authorization, 'x-amz-target': `${targetPrefix}.${operation}` },
      'content-type': `application/x-amz-json-${jsonVersion}`,
    };
    return { method: 'POST', path: '/', query: '', headers, body: Buffer.from(JSON.stringify(value)) };
  }
  const pairs: string[] = [`Action=${operation}`, `Version=${contract.apiVersion}`];
  if (input !== undefined) addParameters(contract, input, value, '', pairs);
  const form = pairs.join('&');
  const path = prng.chance(0.2) ? '/000000000000/q' : '/';
  if (prng.chance(0.3))
    return { method: 'GET', path, query: form, headers: { host: 'h', authorization }, body: Buffer.alloc(0) };
  const headers = { host: 'h', authorization, 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', path, query: '', headers, body: Buffer.from(form) };
}

function addParameters(contract: ServiceContract, name: string, value: unknown, at: string, into: string[]): void {
  const shape = contract.shapes[name];
  const below = (key: string, member: Member, inside: unknown) =>
    addParameters(contract, member.shape, inside, at === '' ? key : `${at}.${key}`, into);
  if (typeof value !== 'object' || value === null) {
    into.push(`${at}=${encoded(String(value))}`);
  } else if (shape?.type === 'structure') {
    for (const [key, inside] of Object.entries(value)) {
      const member = shape.members[key];
      if (member !== undefined) below(member.locationName ?? key, member, inside);
    }
  } else if (shape?.type === 'list' && Array.isArray(value)) {
    const step = shape.flattened ? '' : 'member.';
    for (const [index, inside] of value.entries()) below(`${step}${index + 1}`, shape.member, inside);
  } else if (shape?.type === 'map') {
    const step = shape.flattened ? '' : 'entry.';
    for (const [index, [key, inside]] of Object.entries(value).entries()) {
      into.push(`${at}.${step}${index + 1}.${shape.key.locationName ?? 'key'}=${encoded(key)}`);
      below(`${step}${index + 1}.${shape.value.locationName ?? 'value'}`, shape.value, inside);
    }
  }
}

const encoded = (text: string) => encodeURIComponent(text.toWellFormed?.() ?? text.replace(/[\ud800-\udfff]/g, ''));

/** Changes bytes: turns, drops, doubles, moves and adds them, some of them with a meaning. */
export function spoiltBytes(bytes: Buffer, prng: Prng): Buffer {
  let spoilt = bytes;
  for (let count = 1 + prng.below(4); count > 0; count -= 1) spoilt = spoiltOnce(spoilt, prng);
  return spoilt;
}

function spoiltOnce(bytes: Buffer, prng: Prng): Buffer {
  const at = prng.below(bytes.length + 1);
  const to = Math.min(bytes.length, at + 1 + prng.below(12));
  const [before, cut, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
  switch (prng.below(7)) {
    case 0:
      return Buffer.concat([before, Buffer.of(prng.below(256)), bytes.subarray(at + 1)]);
    case 1:
      return Buffer.concat([before, after]);
    case 2:
      return Buffer.concat([before, cut, cut, after]);
    case 3:
      return Buffer.concat([before, Buffer.from(prng.pick(odd) ?? ''), bytes.subarray(at)]);
    case 4:
      return Buffer.concat([after, before]);
    case 5:
      return Buffer.from(before);
    default:
      return Buffer.concat([
        before,
        Buffer.from((prng.pick(['[', '{"a":', '"', '&a.1', '%', ',']) ?? '').repeat(prng.below(40))),
        after,
      ]);
  }
}

const spoilText = (text: string, prng: Prng) => spoiltBytes(Buffer.from(text), prng).toString('latin1');

/** Spoils one part of a request, or leaves it as it is. */
export function spoiltRequest(request: EdgeRequest, prng: Prng): EdgeRequest {
  switch (prng.below(8)) {
    case 0:
      return request;
    case 1: {
      const [name, value] = prng.pick(Object.entries(request.headers)) ?? ['host', ''];
      return { ...request, headers: { ...request.headers, [name]: spoilText(String(value), prng) } };
    }
    case 2: {
      const headers = Object.entries(request.headers);
      headers.splice(prng.below(headers.length), 1);
      return { ...request, headers: Object.fromEntries(headers) };
    }
    case 3:
      return { ...request, query: spoilText(request.query, prng), path: spoilText(request.path, prng) };
    case 4:
      return { ...request, method: prng.pick(['GET', 'PUT', 'HEAD', 'OPTIONS', 'DELETE', 'get', '']) ?? '' };
    default:
      if (request.method === 'GET') return { ...request, query: spoilText(request.query, prng) };
      return { ...request, body: spoiltBytes(request.body, prng) };
  }
}

/** As it goes over the wire. */
export function wireBytes({ method, path, query, headers, body }: EdgeRequest): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${method} ${path}${query === '' ? '' : `?${query}`} HTTP/1.1\r\n${lines.join('')}`;
  return Buffer.concat([Buffer.from(`${head}content-length: ${body.length}\r\n\r\n`, 'latin1'), body]);
}
