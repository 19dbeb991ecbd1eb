import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { Connection, parseAnswer } from './connection.ts';

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

test.each([
  ['keeps the connection', 0, 1],
  ['ends it after each answer', 1, 4],
  ['ends it after two', 2, 2],
])('a connection serves request after request where the server %s', async (_, perConnection, expected) => {
  let connections = 0;
  let answers = 0;
  const server = createServer((request, response) => {
    if (++answers % perConnection === 0) response.setHeader('connection', 'close');
    response.end(request.url);
  }).on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const connection = await Connection.open((server.address() as AddressInfo).port);
  try {
    for (const path of ['/a', '/b', '/c', '/d']) {
      const answer = await connection.request(`GET ${path} HTTP/1.1\r\nhost: bench\r\n\r\n`);
      expect(answer).toMatchObject({ status: 200, body: path });
    }
    expect(connections).toBe(expected);
  } finally {
    connection.close();
    await new Promise((resolve) => server.close(resolve));
  }
});
