/** No secret of any input or output of any operation gets into a record, nor through the text of an error. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AwsError, type CallContext, type ServiceContract } from '#aws/contract';
import { iam } from '#aws/generated/iam';
import { kms } from '#aws/generated/kms';
import { sns } from '#aws/generated/sns';
import { sqs } from '#aws/generated/sqs';
import { sts } from '#aws/generated/sts';
import { recordsOf } from './record.ts';
import { hiddenText } from './recordedMembers.ts';

const contracts = [sqs, sns, iam, sts, kms];

/** Named for what they are in the models, not after the table that is tested. */
const secretName =
  /password|secret|^token|token$|tokens$|tokencode|plaintext|ciphertext|privatekey|^message$|messagebody|^body$|^subject$|stringvalue|binaryvalue|phonenumber|assertion|seed|qrcode|^mac$|^signature$|receipthandle|encryptedkeymaterial|customuserdata|authenticationcode|^endpoint$|attestation|encodedmessage|decodedmessage/i;
const notSecret = new Set(['SubjectFromWebIdentityToken']);
const secretAttributes = ['PlatformCredential', 'PlatformPrincipal', 'Token', 'CustomUserData', 'NobodyKnowsThisOne'];

interface Planted {
  readonly path: string;
  readonly text: string;
}

type Draw = () => string;

/** A value of the shape with a text of its own in each place; those that are secret are told. */
function plant(
  contract: ServiceContract,
  shapeName: string,
  draw: Draw,
  planted: Planted[],
  path = '',
  depth = 0,
): unknown {
  const shape = contract.shapes[shapeName];
  const name = path.split('.').at(-1) ?? '';
  const isSecret = (secretName.test(name) && !notSecret.has(name)) || /Message(?:System)?Attributes\./.test(path);
  const put = (text: string, hidden = isSecret) => {
    if (hidden) planted.push({ path, text });
    return text;
  };
  switch (shape?.type) {
    case 'structure': {
      if (depth > 6) return undefined;
      const members = Object.entries(shape.members).map(
        ([member, { shape: of }]) =>
          [member, plant(contract, of, draw, planted, `${path}.${member}`, depth + 1)] as const,
      );
      return Object.fromEntries(members.filter(([, value]) => value !== undefined));
    }
    case 'list':
      return depth > 6 ? [] : [plant(contract, shape.member.shape, draw, planted, path, depth + 1)];
    case 'map': {
      if (/^\.[aA]ttributes$/.test(path))
        return Object.fromEntries(secretAttributes.map((each) => [each, put(draw(), true)]));
      return { [draw()]: plant(contract, shape.value.shape, draw, planted, `${path}.value`, depth + 1) };
    }
    case 'string':
      // Where the model has an enumeration, a client may send what it likes.
      return put(draw(), isSecret || shape.enum !== undefined);
    case 'blob':
      return Buffer.from(put(draw(), true));
    case 'boolean':
      return true;
    case 'timestamp':
      return 1_700_000_000_000;
    default:
      return 7;
  }
}

const context: CallContext = {
  ...{ accountId: '111122223333', region: 'eu-west-1', requestId: 'r', accessKeyId: 'AKIA', endpoint: 'http://x' },
  client: { gone: false, onGone: () => undefined },
};
const recording = { now: 0, defaultAccountId: '000000000000', defaultRegion: 'us-east-1' };

function textOf(contract: ServiceContract, operation: string, parts: object): string {
  const call = {
    contract,
    operation,
    requestId: 'r',
    accessKeyId: 'AKIA',
    region: '',
    source: { address: '' },
    context,
  };
  return recordsOf({ ...call, ...parts }, recording)
    .map((record) => JSON.stringify(record))
    .join('\n');
}

const found = (text: string, planted: readonly Planted[]) =>
  planted.filter((each) =>
    [each.text, Buffer.from(each.text).toString('base64').slice(0, 20)].some((one) => text.includes(one)),
  );

const operations = contracts.flatMap((contract) =>
  Object.entries(contract.operations).map(([operation, { input, output }]) => ({ contract, operation, input, output })),
);

/** Letters that no text of ours has side by side, with quotes and slashes now and then. */
const secrets = fc.infiniteStream(
  fc
    .tuple(fc.constantFrom('', '"', '\\', "'", 'é'), fc.stringMatching(/^[0-9a-f]{36}$/))
    .map(([mark, text]) => `${mark}${text}`),
);

describe('records', () => {
  it('of every operation of every contract hold no secret', () => {
    expect(operations.length).toBeGreaterThan(250);
    let count = 0;
    fc.assert(
      fc.property(secrets, (stream) => {
        const draw = () => stream.next().value as string;
        for (const { contract, operation, input = '', output = '' } of operations) {
          const planted: Planted[] = [];
          const given = plant(contract, input, draw, planted);
          const answered = plant(contract, output, draw, planted);
          count += planted.length;
          const text = textOf(contract, operation, { input: given, output: answered });
          expect(found(text, planted).map(({ path }) => `${operation}${path}`)).toEqual([]);
        }
      }),
      { numRuns: 5 },
    );
    // It would prove nothing if nothing were planted.
    expect(count).toBeGreaterThan(1_000);
  });

  it('of errors that repeat a secret hold none either', () => {
    fc.assert(
      fc.property(secrets, (stream) => {
        const draw = () => stream.next().value as string;
        for (const { contract, operation, input = '' } of operations) {
          const planted: Planted[] = [];
          const given = plant(contract, input, draw, planted);
          for (const secret of planted) {
            const shown = JSON.stringify(secret.text).slice(1, -1);
            const error = new AwsError('ValidationException', `Value '${shown}' is wrong, and so is ${secret.text}`);
            const text = textOf(contract, operation, { input: given, error });
            expect(found(text, [secret]).map(({ path }) => `${operation}${path}`)).toEqual([]);
          }
        }
      }),
      { numRuns: 1 },
    );
  });

  it('of requests that could not be decoded, or were signed wrongly, repeat nothing of them', () => {
    const secret = 'hunter2hunter2';
    const invalid = new AwsError('ValidationException', `Value '${secret}' at 'password' is wrong`);
    expect(textOf(iam, 'CreateLoginProfile', { error: invalid })).not.toContain(secret);
    const headerError = new AwsError('IncompleteSignatureException', `Basic ${secret}`, {
      queryCode: 'IncompleteSignature',
    });
    const mismatch = new AwsError(
      'InvalidSignatureException',
      `It does not match.\n\nCanonical:\nx-amz-security-token:${secret}`,
      {
        queryCode: 'SignatureDoesNotMatch',
      },
    );
    for (const error of [headerError, mismatch]) {
      const text = textOf(sqs, 'SendMessage', { context: undefined, error });
      expect(text).toContain(error.queryCode);
      expect(text).not.toContain(secret);
    }
  });

  it('keep what an error says of anything else', () => {
    const error = new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
    const input = { QueueUrl: 'http://x/111122223333/q', MessageBody: 'hello there' };
    expect(textOf(sqs, 'SendMessage', { input, error })).toContain('The specified queue does not exist.');
  });

  it('say what was hidden, and leave out what nobody knows', () => {
    const Attributes = { PlatformCredential: 'key', PlatformPrincipal: 'cert', Enabled: 'true', Unknown: 'x' };
    const input = { Name: 'app', Platform: 'GCM', Attributes };
    expect(JSON.parse(textOf(sns, 'CreatePlatformApplication', { input })).requestParameters).toEqual({
      ...{ name: 'app', platform: 'GCM' },
      attributes: { PlatformCredential: hiddenText, PlatformPrincipal: hiddenText, Enabled: 'true' },
    });
    const body = { QueueUrl: 'http://x/1/q', MessageBody: 'secret', MessageAttributes: { a: { DataType: 'String' } } };
    expect(JSON.parse(textOf(sqs, 'SendMessage', { input: body })).requestParameters).toEqual({
      ...{ queueUrl: 'http://x/1/q', messageBody: hiddenText, messageAttributes: hiddenText },
    });
  });

  it('keep the address of a subscription to themselves, unless it is an ARN', () => {
    const TopicArn = 'arn:aws:sns:eu-west-1:111122223333:t';
    const endpoint = (Endpoint: string) =>
      JSON.parse(textOf(sns, 'Subscribe', { input: { TopicArn, Protocol: 'https', Endpoint } })).requestParameters
        .endpoint;
    expect(endpoint('https://user:password@example.com')).toBe(hiddenText);
    expect(endpoint('arn:aws:sqs:eu-west-1:111122223333:q')).toBe('arn:aws:sqs:eu-west-1:111122223333:q');
  });
});
