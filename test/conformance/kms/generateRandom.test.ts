import { GenerateRandomCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { kms, refused, validation, violated } from './target.ts';

describe('GenerateRandom', () => {
  it.each([1, 12, 44, 91, 1024])('gives %d bytes [aws: generate random]', async (NumberOfBytes) => {
    expect((await kms().send(new GenerateRandomCommand({ NumberOfBytes }))).Plaintext).toHaveLength(NumberOfBytes);
  });

  it('gives others each time [model: GenerateRandom]', async () => {
    const make = async () => (await kms().send(new GenerateRandomCommand({ NumberOfBytes: 32 }))).Plaintext;
    expect(await make()).not.toEqual(await make());
  });

  it('demands a number [aws: generate random invalid number of bytes]', async () => {
    await refused('GenerateRandom', {}, validation('NumberOfBytes is required.'));
  });

  it.each([
    [0, 'greater than or equal to 1'],
    [1025, 'less than or equal to 1024'],
  ])('refuses %d [aws: generate random invalid number of bytes]', async (NumberOfBytes, bound) => {
    const refusal = violated(`'${NumberOfBytes}'`, 'numberOfBytes', `Member must have value ${bound}`);
    await refused('GenerateRandom', { NumberOfBytes }, refusal);
  });
});
