/** The parser of policies, given JSON of every shape: it refuses with a reason, or gives a policy that can be asked. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decide, MalformedPolicy, type Policy, type PolicyKind, parsePolicy } from '#access';
import { cast, home, queue } from './cast.ts';

const inputs = Number(process.env.POSTHORN_FUZZ_INPUTS ?? 20_000);
const kinds: readonly PolicyKind[] = ['identity', 'resource', 'trust', 'key', 'session'];

const words = [
  ...['Version', 'Id', 'Statement', 'Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource'],
  ...['NotResource', 'Condition', 'Allow', 'Deny', '2012-10-17', '2008-10-17', '*', 'sqs:*', 'sts:AssumeRole', 'AWS'],
  ...[
    'Service',
    'Federated',
    'sns.amazonaws.com',
    home,
    cast.alice.arn,
    queue,
    'arn:aws:sqs:*',
    'arn:aws:iam::1:user/',
  ],
  ...[
    'StringEquals',
    'ForAllValues:StringLikeIfExists',
    'Null',
    'DateLessThan',
    'IpAddress',
    'ArnLike',
    'NumericEquals',
  ],
  ...[
    'BinaryEquals',
    'Bool',
    'aws:SourceArn',
    '2024-01-01',
    '10.0.0.0/8',
    'true',
    '__proto__',
    'constructor',
    'toString',
  ],
  ...[`\${aws:username}`, `\${a, 'b'}`, `\${`, `\${*}`, '\u0000', '\ud800', ''],
];
const word = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...words) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    word,
    fc.constantFrom<unknown>(null, true, false, 0, -1, 1e308),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.array(fc.tuple(word, tie('json')), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

const whole = {
  Version: '2012-10-17',
  Id: 'x',
  Statement: [
    {
      Sid: 'One',
      Effect: 'Allow',
      Principal: { AWS: [cast.alice.arn, home], Service: 'sns.amazonaws.com' },
      Action: ['sts:AssumeRole', 'sts:TagSession'],
      Resource: [queue, `arn:aws:sqs:*:*:\${aws:username}*`],
      Condition: {
        StringLike: { 'aws:PrincipalTag/x': [`\${aws:username}-*`, 'b'] },
        'ForAnyValue:ArnLikeIfExists': { 'aws:SourceArn': 'arn:aws:sns:*:*:*' },
        IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '2001:db8::/32'] },
        DateLessThan: { 'aws:CurrentTime': '2024-01-01T00:00:00Z' },
      },
    },
    { Effect: 'Deny', NotPrincipal: { AWS: home }, NotAction: 'sts:*', NotResource: queue },
  ],
};

/** A whole policy with some of its members replaced, removed or doubled. */
const mutated = fc
  .array(fc.tuple(fc.nat(200), fc.constantFrom('replace', 'remove', 'rename', 'nest'), json, word), {
    minLength: 1,
    maxLength: 4,
  })
  .map((changes) => {
    const document: unknown = structuredClone(whole);
    for (const change of changes) mutate(document, change);
    return document;
  });

type Change = readonly [position: number, kind: string, value: unknown, name: string];

function mutate(document: unknown, [position, kind, value, name]: Change): void {
  const places = placesOf(document);
  const place = places[position % places.length];
  if (place === undefined) return;
  const [holder, key] = place;
  if (kind === 'replace') holder[key] = value;
  else if (kind === 'nest') holder[key] = [holder[key], value];
  else {
    const before = holder[key];
    delete holder[key];
    if (kind === 'rename')
      Object.defineProperty(holder, name, { value: before, enumerable: true, configurable: true, writable: true });
  }
}

type Holder = Record<string, unknown>;

function placesOf(value: unknown): readonly (readonly [Holder, string])[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Holder;
  return Object.keys(holder).flatMap((key) => [[holder, key] as const, ...placesOf(holder[key])]);
}

/** The text of a whole policy with some characters changed. */
const torn = fc
  .array(fc.tuple(fc.nat(2000), fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '\\', '*', 'a', '\u0000', '')), {
    minLength: 1,
    maxLength: 3,
  })
  .map((changes) =>
    changes.reduce((text, [position, character]) => {
      const at = position % text.length;
      return text.slice(0, at) + character + text.slice(at + 1);
    }, JSON.stringify(whole)),
  );

const texts = fc.oneof(
  { weight: 3, arbitrary: mutated.map((document) => JSON.stringify(document)) },
  { weight: 2, arbitrary: json.map((document) => JSON.stringify(document)) },
  { weight: 1, arbitrary: torn },
  { weight: 1, arbitrary: fc.string() },
);

/** Undefined when the text is refused. */
function parsed(text: string, kind: PolicyKind): Policy | undefined {
  try {
    return parsePolicy(text, kind);
  } catch (error) {
    if (error instanceof MalformedPolicy && error.message !== '') return undefined;
    throw error;
  }
}

it('refuses with a reason, or gives a policy that can be asked', () => {
  let taken = 0;
  let count = 0;
  const request = {
    action: 'sts:AssumeRole',
    resource: queue,
    resourceAccountId: home,
    context: { 'aws:SourceIp': '10.0.0.1' },
  };
  fc.assert(
    fc.property(texts, fc.constantFrom(...kinds), (text, kind) => {
      count++;
      const policy = parsed(text, kind);
      if (policy === undefined) return;
      taken++;
      const isOwn = kind === 'identity' || kind === 'session';
      const own = { principal: cast.alice, policies: isOwn ? [{ name: 'fuzzed', policy }] : [] };
      expect(decide(own, request, isOwn ? undefined : policy).effect).toMatch(
        /^(?:allowed|explicitDeny|implicitDeny)$/,
      );
    }),
    { numRuns: inputs },
  );
  expect(count).toBeGreaterThanOrEqual(inputs);
  // It would show nothing if all were refused, or none.
  expect(taken).toBeGreaterThan(inputs / 100);
  expect(taken).toBeLessThan(inputs / 2);
}, 1_800_000);
