import { expect, test } from 'vitest';
import { parseAnswer } from './connection.ts';

test('an answer is complete when its last byte is there', () => {
  const whole = Buffer.from('HTTP/1.1 400 Bad Request\r\nContent-Length: 5\r\nx: y\r\n\r\nhello');
  for (let length = 0; length < whole.length; length++) {
    expect(parseAnswer(whole.subarray(0, length))).toBeUndefined();
  }
  expect(parseAnswer(whole)).toEqual({ status: 400, body: 'hello' });
});

test('chunks are joined', () => {
  const whole = Buffer.from(
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n',
  );
  for (let length = 0; length < whole.length; length++) {
    expect(parseAnswer(whole.subarray(0, length))).toBeUndefined();
  }
  expect(parseAnswer(whole)).toEqual({ status: 200, body: 'abc0123456789' });
});

test('an answer without a body has an empty one', () => {
  expect(parseAnswer(Buffer.from('HTTP/1.1 204 No Content\r\ndate: now\r\n\r\n'))).toEqual({ status: 204, body: '' });
});
