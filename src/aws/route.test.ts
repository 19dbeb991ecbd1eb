import { describe, expect, it } from 'vitest';
import type { ServedService } from './contract.ts';
import { iam } from './generated/iam.ts';
import { kms } from './generated/kms.ts';
import { sns } from './generated/sns.ts';
import { sqs } from './generated/sqs.ts';
import { sts } from './generated/sts.ts';
import type { EdgeRequest } from './protocols/protocol.ts';
import { buildRoutes, route } from './route.ts';

const noOutput = () => ({});
const services: ServedService[] = [
  {
    contract: sqs,
    operations: { SendMessage: noOutput, AddPermission: noOutput },
    pathDefaults: (path, endpoint) => (path === '/' ? undefined : { QueueUrl: endpoint + path }),
  },
  { contract: sts, operations: { GetCallerIdentity: noOutput } },
  { contract: sns, operations: {} },
];
const routes = buildRoutes(services);

function go(request: Partial<EdgeRequest>) {
  const full = { method: 'POST', path: '/', query: '', headers: {}, body: Buffer.alloc(0), ...request };
  return route(routes, full, 'http://h:1');
}

function form(text: string, more: Partial<EdgeRequest> = {}) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8', ...more.headers };
  return go({ ...more, headers, body: Buffer.from(text) });
}

function scope(service: string): string {
  return `AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
}

describe('JSON requests', () => {
  it('go by the target', () => {
    const routed = go({ headers: { 'x-amz-target': 'AmazonSQS.SendMessage' } });
    expect(routed.refusal).toBeUndefined();
    expect(routed).toMatchObject({ protocol: { name: 'json' }, route: { operation: 'SendMessage' } });
  });

  it.each([
    ['AmazonSQS.Nope', 'sqs'],
    ['amazonsqs.SendMessage', undefined],
    ['SendMessage', undefined],
    ['AmazonSQS.', 'sqs'],
    ['', undefined],
    ['AmazonSQS.__proto__', 'sqs'],
    ['AmazonSQS.constructor', 'sqs'],
  ])('to %s are unknown', (target, service) => {
    const { refusal, contract, protocol } = go({ headers: { 'x-amz-target': target } });
    expect(refusal).toMatchObject({ code: 'UnknownOperationException', httpStatus: 400, message: '' });
    expect(contract?.service).toBe(service);
    expect(protocol.name).toBe('json');
  });

  it('without a target are unknown, too', () => {
    const { refusal, protocol } = go({ headers: { 'content-type': 'application/x-amz-json-1.0' } });
    expect(refusal?.code).toBe('UnknownOperationException');
    expect(protocol.name).toBe('json');
  });

  it('to an operation that nobody implements say so', () => {
    const { refusal } = go({ headers: { 'x-amz-target': 'AmazonSQS.PurgeQueue' } });
    expect(refusal).toMatchObject({
      code: 'UnsupportedOperation',
      message: 'Posthorn does not serve the operation PurgeQueue of sqs yet.',
    });
  });
});

describe('Query requests', () => {
  it('go by the action, in a body or in a query string', () => {
    expect(form('Action=SendMessage&Version=2012-11-05').route?.operation).toBe('SendMessage');
    const routed = go({ method: 'GET', query: 'Action=SendMessage&MessageBody=x', path: '/1/q' });
    expect(routed.route?.operation).toBe('SendMessage');
    expect(routed.parameters?.get('MessageBody')).toBe('x');
  });

  it('take the queue from the path, unless they name one', () => {
    expect(form('Action=SendMessage', { path: '/1/q' }).parameters?.get('QueueUrl')).toBe('http://h:1/1/q');
    expect(form('Action=SendMessage&QueueUrl=x', { path: '/1/q' }).parameters?.get('QueueUrl')).toBe('x');
  });

  it('take the service from the scope, then from the version', () => {
    const action = 'Action=AddPermission';
    expect(form(action, { headers: { authorization: scope('sns') } }).contract?.service).toBe('sns');
    expect(form(action, { headers: { authorization: scope('sqs') } }).contract?.service).toBe('sqs');
    expect(form(`${action}&Version=2010-03-31`).contract?.service).toBe('sns');
    expect(form(`${action}&X-Amz-Credential=A%2F1%2Fr%2Fsns%2Faws4_request`).contract?.service).toBe('sns');
    expect(form(action).contract?.service).toBe('sqs');
  });

  it('to a service without operations say that it is not served', () => {
    expect(form('Action=Publish').refusal).toMatchObject({
      code: 'UnsupportedOperation',
      message: 'Posthorn does not serve sns yet.',
    });
  });

  it.each([
    [form('Action=Nope', { headers: { authorization: scope('sts') } }), 'InvalidAction', 400],
    [form('Action=__proto__'), 'InvalidAction', 400],
    [form('Version=2012-11-05'), 'MissingAction', 400],
    [form('Action=SendMessage&a=%ff', { headers: { authorization: scope('sqs') } }), 'SerializationException', 400],
    [go({ method: 'GET' }), 'UnknownOperationException', 404],
    [go({ method: 'PUT', query: 'Action=SendMessage' }), 'UnknownOperationException', 404],
    [
      go({ headers: { 'content-type': 'application/json' }, body: Buffer.from('{}') }),
      'UnknownOperationException',
      404,
    ],
  ])('that are wrong are refused (%#)', ({ refusal, protocol }, code, status) => {
    expect(refusal).toMatchObject({ code, httpStatus: status });
    expect(protocol.name).toBe('query');
  });

  it('name the action that is not valid', () => {
    expect(form('Action=Nope&Version=2011-06-15')).toMatchObject({
      refusal: { message: 'The action Nope is not valid for this endpoint.' },
      contract: { service: 'sts' },
    });
  });
});

it('compiles the codecs of every operation', () => {
  const { json, query } = buildRoutes([sqs, sns, sts, iam, kms].map((contract) => ({ contract, operations: {} })));
  const all = [...json.values(), ...query.flatMap(({ byAction }) => [...byAction.values()])];
  expect(all.length).toBeGreaterThan(300);
  for (const each of all) {
    expect(each.codec).toBe(each.codec);
    expect(each.codec.decode).toBeTypeOf('function');
  }
});
