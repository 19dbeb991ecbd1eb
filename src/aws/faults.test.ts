import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ServedService } from './contract.ts';
import { readFaultRule } from './faultRule.ts';
import { Faults } from './faults.ts';
import { sns } from './generated/sns.ts';
import { sqs } from './generated/sqs.ts';
import { type Listener, startListener } from './index.ts';

const services = [
  {
    contract: sqs,
    errorCodes: { QueueDoesNotExist: { queryCode: 'AWS.Gone' }, RequestThrottled: { httpStatus: 403 } },
  },
  { contract: sns },
];

function problemWith(rule: unknown): string {
  const read = readFaultRule(rule, services);
  return 'problem' in read ? read.problem : '';
}

describe('a rule', () => {
  it('is for every call unless it says otherwise', () => {
    expect(readFaultRule({ error: 'ServiceUnavailable' }, services)).toEqual({
      rule: { share: 1, error: { code: 'ServiceUnavailable' } },
    });
  });

  it.each<[unknown, string]>([
    [{ delayMs: 5 }, 'delay alone'],
    [
      { service: 'sqs', operation: 'SendMessage', queue: 'orders.fifo', share: 0.5, seed: 7, times: 3, delayMs: 1 },
      'all',
    ],
    [{ operation: 'Publish', error: 'InternalFailure' }, 'an operation of any service'],
    [{ error: { code: 'Odd.Code', message: 'Text', status: 418 } }, 'an error of its own'],
    [{ error: 'RequestThrottled' }, 'an error of a model'],
  ])('may be %j: %s', (rule) => {
    expect(problemWith(rule)).toBe('');
  });

  it.each<[unknown, string]>([
    [[], 'A rule must be a JSON object.'],
    ['ServiceUnavailable', 'A rule must be a JSON object.'],
    [{}, 'A rule needs "error", "delayMs", or both: else nothing happens.'],
    [{ delay: 5 }, '"delay" is nothing that a rule has. Known are service, operation, queue, '],
    [{ delayMs: 1, service: 'ec2' }, '"service" is "ec2", but must be one of sqs, sns.'],
    [{ delayMs: 1, service: 'sqs', operation: 'Publish' }, '"operation" is "Publish", but must be an operation of sqs'],
    [{ delayMs: 1, operation: 'toString' }, '"operation" is "toString", but must be an operation of a service'],
    [{ delayMs: 1, queue: 'a/b' }, '"queue" is "a/b", but must be the name of a queue.'],
    [{ delayMs: 1, share: 1.5 }, '"share" is 1.5, but must be a number from 0 to 1.'],
    [{ delayMs: 1, share: '1' }, '"share" is "1", but must be a number from 0 to 1.'],
    [{ delayMs: 0 }, '"delayMs" is 0, but must be a whole number from 1 to 120000.'],
    [{ delayMs: 1, times: 0 }, '"times" is 0, but must be a whole number from 1 to 1000000000.'],
    [{ delayMs: 1, seed: 0.5 }, '"seed" is 0.5, but must be a whole number.'],
    [{ error: 'Oops' }, '"error" is "Oops", but must be an error that AWS has, like AccessDeniedException, '],
    [{ error: 'constructor' }, '"error" is "constructor", but must be an error that AWS has'],
    [{ error: 'SendMessageRequest' }, '"error" is "SendMessageRequest", but must be an error that AWS has'],
    [{ error: {} }, '"error" is {}, but must be a name, or an object with a "code".'],
    [{ error: { code: 'A', text: 'x' } }, '"text" is nothing that an error has. Known are code, message, status.'],
    [{ error: { code: 'A\r\nB: c' } }, '"error.code" is "A\\r\\nB: c", but must be the code of an error'],
    [{ error: { code: 'A', status: 200 } }, '"error.status" is 200, but must be a whole number from 400 to 599.'],
  ])('can not be %j', (rule, sentence) => {
    expect(problemWith(rule)).toContain(sentence);
  });
});

describe('rules', () => {
  const send = (faults: Faults, input: object = {}) => faults.strike(sqs, 'SendMessage', input);

  it('do nothing where there are none, or none that is meant', () => {
    const faults = new Faults(services);
    expect(send(faults)).toBeUndefined();
    faults.add({ service: 'sns', delayMs: 1 });
    faults.add({ operation: 'ReceiveMessage', delayMs: 1 });
    faults.add({ queue: 'orders', delayMs: 1 });
    expect(send(faults, { QueueUrl: 'http://127.0.0.1/000000000000/other' })).toBeUndefined();
    expect(faults.list().map(({ matched }) => matched)).toEqual([0, 0, 0]);
  });

  it.each([
    { QueueUrl: 'http://127.0.0.1:4566/000000000000/orders' },
    { QueueUrl: 'http://127.0.0.1:4566/000000000000/orders/' },
    { QueueUrl: 'orders' },
    { QueueName: 'orders' },
    { SourceArn: 'arn:aws:sqs:us-east-1:000000000000:orders' },
  ])('find the queue of %j', (input) => {
    const faults = new Faults(services);
    faults.add({ queue: 'orders', delayMs: 3 });
    expect(send(faults, input)).toEqual({ delayMs: 3, error: undefined });
    expect(send(faults, { QueueName: 'orders2' })).toBeUndefined();
  });

  it('hit their share, by the numbers that they are given', () => {
    const numbers = [0.1, 0.3, 0.25, 0.9];
    const faults = new Faults(services, () => numbers.shift() ?? 1);
    faults.add({ share: 0.25, delayMs: 1 });
    expect([send(faults), send(faults), send(faults), send(faults)].map((fault) => fault !== undefined)).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(faults.list()).toMatchObject([{ matched: 4, hits: 1 }]);
  });

  it('with a seed hit the same calls again', () => {
    const run = () => {
      const faults = new Faults(services);
      faults.add({ share: 0.5, seed: 42, delayMs: 1 });
      return Array.from({ length: 40 }, () => send(faults) !== undefined);
    };
    expect(run()).toEqual(run());
    expect(new Set(run()).size).toBe(2);
  });

  it('with a share of 0 hit nothing, with one of 1 everything', () => {
    const never = new Faults(services, () => 0);
    never.add({ share: 0, delayMs: 1 });
    expect(send(never)).toBeUndefined();
    const always = new Faults(services, () => 0.999_999);
    always.add({ delayMs: 1 });
    expect(send(always)).toBeDefined();
  });

  it('rest after their times, and leave what they spare to the next', () => {
    const faults = new Faults(services, () => 0.5);
    faults.add({ share: 0.1, error: 'InternalFailure' });
    faults.add({ times: 2, error: 'ServiceUnavailable' });
    faults.add({ error: 'ThrottlingException' });
    expect([send(faults), send(faults), send(faults)].map((fault) => fault?.error?.code)).toEqual([
      'ServiceUnavailable',
      'ServiceUnavailable',
      'ThrottlingException',
    ]);
    expect(faults.list().map(({ id, matched, hits }) => [id, matched, hits])).toEqual([
      ['1', 3, 0],
      ['2', 2, 2],
      ['3', 1, 1],
    ]);
  });

  it('are removed one by one, or all', () => {
    const faults = new Faults(services);
    for (const code of ['InternalFailure', 'ServiceUnavailable', 'OptInRequired']) faults.add({ error: code });
    expect(faults.remove('1')).toBe(1);
    expect(faults.remove('1')).toBe(0);
    expect(send(faults)?.error?.code).toBe('ServiceUnavailable');
    expect(faults.remove()).toBe(2);
    expect([send(faults), faults.list()]).toEqual([undefined, []]);
  });

  it('are at most a hundred', () => {
    const faults = new Faults(services);
    for (let count = 0; count < 100; count += 1) expect(faults.add({ delayMs: 1 })).not.toHaveProperty('problem');
    expect(faults.add({ delayMs: 1 })).toEqual({ problem: expect.stringContaining('100 rules already') });
  });

  it('give errors the status and the codes that the service has for them', () => {
    const errorFor = (error: unknown) => {
      const faults = new Faults(services);
      faults.add({ error });
      return send(faults)?.error;
    };
    expect(errorFor('QueueDoesNotExist')).toMatchObject({ httpStatus: 400, queryCode: 'AWS.Gone', senderFault: true });
    expect(errorFor('RequestThrottled')).toMatchObject({ httpStatus: 403, queryCode: 'RequestThrottled' });
    expect(errorFor('ServiceUnavailable')).toMatchObject({ httpStatus: 503, senderFault: false });
    expect(errorFor({ code: 'RequestThrottled', status: 500 })).toMatchObject({ httpStatus: 500 });
    expect(errorFor({ code: 'Odd', message: 'Text.' })).toMatchObject({ httpStatus: 400, message: 'Text.' });
    expect(errorFor('Odd')).toBeUndefined();
  });
});

describe('a server with faults', () => {
  let listener: Listener | undefined;
  afterEach(async () => {
    await listener?.close();
    listener = undefined;
  });

  async function start(operations: ServedService['operations']) {
    const faults = new Faults(services);
    listener = await startListener({
      ...{ host: '127.0.0.1', port: 0, log: { error: vi.fn() }, faults },
      services: [{ contract: sqs, operations }],
    });
    return { faults, listener, url: listener.url };
  }

  function deleteQueue(url: string) {
    return fetch(url, {
      method: 'POST',
      body: '{"QueueUrl":"orders"}',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.DeleteQueue' },
    });
  }

  it('answers errors in the protocol of the client, and does not call', async () => {
    const called = vi.fn();
    const { faults, url } = await start({ DeleteQueue: called });
    faults.add({ operation: 'DeleteQueue', error: 'QueueDoesNotExist', times: 2 });
    const json = await deleteQueue(url);
    expect(json.status).toBe(400);
    expect(json.headers.get('x-amzn-query-error')).toBe('AWS.Gone;Sender');
    expect(await json.json()).toEqual({
      __type: 'com.amazonaws.sqs#QueueDoesNotExist',
      message: 'The fault rule 1 of Posthorn injected this error.',
    });
    const query = await fetch(`${url}/?Action=DeleteQueue&QueueUrl=orders`);
    expect(query.status).toBe(400);
    expect(await query.text()).toMatch(/<Type>Sender<\/Type><Code>AWS\.Gone<\/Code><Message>The fault rule 1 of/);
    expect(called).not.toHaveBeenCalled();
    expect((await deleteQueue(url)).status).toBe(200);
    expect(called).toHaveBeenCalledOnce();
  });

  it('names errors of no model in the namespace of the front end', async () => {
    const { faults, url } = await start({ DeleteQueue: vi.fn() });
    faults.add({ error: 'ServiceUnavailable' });
    const answer = await deleteQueue(url);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ __type: 'com.amazon.coral.service#ServiceUnavailable' });
  });

  it('calls after the delay', async () => {
    const { faults, url } = await start({ DeleteQueue: vi.fn() });
    faults.add({ delayMs: 40 });
    const startedAt = performance.now();
    expect((await deleteQueue(url)).status).toBe(200);
    // Timers may end a millisecond early.
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(38);
  });

  it('does not call for a client that left during the delay', async () => {
    const called = vi.fn();
    const { faults, listener } = await start({ DeleteQueue: called });
    faults.add({ delayMs: 100_000, times: 1 });
    const socket = connect(listener.address.port, '127.0.0.1');
    const { delay } = faults;
    const left = new Promise<void>((resolve) => {
      faults.delay = (milliseconds, client, proceed) => {
        delay.call(faults, milliseconds, client, proceed);
        socket.destroy();
        client.onGone(resolve);
      };
    });
    socket.write('GET /?Action=DeleteQueue&QueueUrl=orders HTTP/1.1\r\nHost: x\r\n\r\n');
    await left;
    await listener.close();
    expect(called).not.toHaveBeenCalled();
  });

  it('is not held up by a delay when it stops: the call is refused at once', async () => {
    const called = vi.fn();
    const { faults, listener, url } = await start({ DeleteQueue: called });
    faults.add({ delayMs: 100_000 });
    const answer = deleteQueue(url);
    while (faults.list()[0]?.hits === 0) await nextTurn();
    await listener.close();
    expect((await answer).status).toBe(503);
    expect(await (await answer).json()).toMatchObject({ Message: 'The server is stopping. Nothing was changed.' });
    expect(called).not.toHaveBeenCalled();
  });
});
