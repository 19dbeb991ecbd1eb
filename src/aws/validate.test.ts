import { describe, expect, it } from 'vitest';
import { AwsError, type ServiceContract, type Shape } from './contract.ts';
import { sns } from './generated/sns.ts';
import { sqs } from './generated/sqs.ts';
import { sts } from './generated/sts.ts';
import { compileValidator } from './validate.ts';

function contractOf(shapes: Record<string, Shape>): ServiceContract {
  return { ...sts, shapes };
}

function messageOf(contract: ServiceContract, shape: string, input: unknown): string {
  try {
    compileValidator(contract, shape)?.(input);
    return 'fine';
  } catch (error) {
    if (error instanceof AwsError) return error.message;
    throw error;
  }
}

const failed = 'failed to satisfy constraint: Member must';

describe('constraints of the model', () => {
  const contract = contractOf({
    Input: {
      type: 'structure',
      required: ['StreamName'],
      members: {
        StreamName: { shape: 'Name' },
        Limit: { shape: 'Limit' },
        Records: { shape: 'Records' },
        Color: { shape: 'Color' },
        Labels: { shape: 'Labels' },
      },
    },
    Name: { type: 'string', min: 2, max: 5, pattern: '[a-z]+' },
    Limit: { type: 'integer', min: 1, max: 10 },
    Records: { type: 'list', member: { shape: 'Record' }, min: 1, max: 3 },
    Record: { type: 'structure', required: ['Key'], members: { Key: { shape: 'Name' }, Data: { shape: 'Bytes' } } },
    Bytes: { type: 'blob', max: 2 },
    Color: { type: 'string', enum: ['red', 'green'] },
    Labels: { type: 'map', key: { shape: 'Name' }, value: { shape: 'Name' }, max: 1 },
  });

  it.each([
    [{ StreamName: 'abc' }, 'fine'],
    [{}, `1 validation error detected: Value null at 'streamName' ${failed} not be null`],
    [
      { StreamName: 'a' },
      `1 validation error detected: Value 'a' at 'streamName' ${failed} have length greater than or equal to 2`,
    ],
    [
      { StreamName: 'ABC', Limit: 11 },
      `2 validation errors detected: Value 'ABC' at 'streamName' ${failed} satisfy regular expression pattern: [a-z]+; ` +
        `Value '11' at 'limit' ${failed} have value less than or equal to 10`,
    ],
    [
      { StreamName: 'abc', Color: 'blue' },
      `1 validation error detected: Value 'blue' at 'color' ${failed} satisfy enum value set: [red, green]`,
    ],
    [
      { StreamName: 'abc', Records: [{ Key: 'ab', Data: Buffer.from('abc') }, {}] },
      "2 validation errors detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=3 cap=3]' at 'records.1.member.data' " +
        `${failed} have length less than or equal to 2; Value null at 'records.2.member.key' ${failed} not be null`,
    ],
    [
      { StreamName: 'abc', Records: [] },
      `1 validation error detected: Value '[]' at 'records' ${failed} have length greater than or equal to 1`,
    ],
    [
      { StreamName: 'abc', Labels: { X: 'ok' } },
      `1 validation error detected: Value 'X' at 'labels.X.key' ${failed} have length greater than or equal to 2`,
    ],
  ])('%j', (input, message) => {
    expect(messageOf(contract, 'Input', input)).toBe(message);
  });

  it('stop at ten, and clip what they show', () => {
    const many = { StreamName: 'x'.repeat(100_000), Records: Array.from({ length: 100_000 }, () => ({})) };
    const message = messageOf(contract, 'Input', many);
    expect(message).toMatch(/^10 validation errors/);
    expect(message.length).toBeLessThan(5000);
  });

  it('ask nothing where the model asks nothing', () => {
    expect(compileValidator(contractOf({ Empty: { type: 'structure', members: {} } }), 'Empty')).toBeUndefined();
  });

  it('follow shapes that hold themselves', () => {
    const tree = contractOf({
      Tree: { type: 'structure', members: { Leaf: { shape: 'Leaf' }, Branch: { shape: 'Tree' } } },
      Leaf: { type: 'string', max: 1 },
    });
    expect(messageOf(tree, 'Tree', { Branch: { Branch: { Leaf: 'xx' } } })).toContain("'branch.branch.leaf'");
  });
});

describe('real models', () => {
  it('SQS is only asked for what the top level requires', () => {
    expect(messageOf(sqs, 'SendMessageBatchRequest', { QueueUrl: 'q', Entries: [{}] })).toBe('fine');
    expect(messageOf(sqs, 'SendMessageBatchRequest', {})).toBe('The request must contain the parameter QueueUrl.');
  });

  it('STS and SNS are asked for everything', () => {
    const role = { RoleArn: 'arn:aws:iam::123456789012:role/r', RoleSessionName: 's', DurationSeconds: 60 };
    expect(messageOf(sts, 'AssumeRoleRequest', role)).toMatch(
      /^2 validation errors detected: .*'roleSessionName'.*'durationSeconds'/,
    );
    expect(messageOf(sts, 'AssumeRoleRequest', { ...role, RoleSessionName: 'ok', DurationSeconds: 900 })).toBe('fine');
    expect(messageOf(sns, 'PublishInput', {})).toContain("Value null at 'message'");
  });
});
