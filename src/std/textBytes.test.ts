import { expect, test } from 'vitest';
import { holdText, TextBytes, textBytesOf } from './textBytes.ts';

const plain = new TextBytes(Buffer.from('plain'), true);
const other = new TextBytes(Buffer.from('h\u00e9'), false);

test('who reads a member gets the text, who asks gets the bytes', () => {
  const input: { body?: string; name?: string; id: string } = { id: '1' };
  holdText(input, 'body', plain);
  holdText(input, 'name', other);
  expect(input).toEqual({ id: '1', body: 'plain', name: 'h\u00e9' });
  expect(JSON.stringify(input)).toBe('{"id":"1","body":"plain","name":"h\u00e9"}');
  expect(textBytesOf(input, 'body')).toBe(plain);
  expect(textBytesOf(input, 'name')).toBe(other);
  expect(textBytesOf(input, 'id')).toBeUndefined();
  expect(textBytesOf({}, 'body')).toBeUndefined();
});

test('a copy has the text alone', () => {
  const input: { body?: string } = {};
  holdText(input, 'body', plain);
  const copy = { ...input };
  expect(copy).toEqual({ body: 'plain' });
  expect(textBytesOf(copy, 'body')).toBeUndefined();
});
