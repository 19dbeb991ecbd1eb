/**
 * SNS over its one protocol, Query, in the plain form: names and structure are those of the API's documentation, lists are
 * `member.1`, maps are `entry.1.key`. Nothing is checked, so that a test can send what an SDK would refuse to. Written by
 * hand, not from the server's contract: a mistake there must not pass here.
 */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { expect } from 'vitest';
import { sign } from '../signature.ts';
import { endpoint, signerOf } from '../target.ts';
import { parseXml, type XmlElement } from '../xml.ts';

export type Value = string | number | boolean | readonly Value[] | { readonly [name: string]: Value | undefined };
export type Input = { readonly [name: string]: Value | undefined };
/** What an answer holds; the tests know what to look for. */
export type Output = { readonly [name: string]: Output } & string & readonly Output[];

export interface SnsError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export interface SnsAnswer {
  readonly status: number;
  readonly output: Output;
  readonly error: { readonly Code: string; readonly Message: string; readonly Type: string } | undefined;
}

export interface SnsCallOptions {
  readonly accessKeyId?: string;
  readonly region?: string;
}

/** Maps by their members' names, with what their keys and values are called. */
const maps: Readonly<Record<string, readonly [key: string, value: string]>> = {
  Attributes: ['key', 'value'],
  attributes: ['key', 'value'],
  MessageAttributes: ['Name', 'Value'],
};

/** An empty element of an answer does not show what it is. */
const lists = new Set([
  ...['Topics', 'Subscriptions', 'Tags', 'Endpoints', 'PlatformApplications', 'PhoneNumbers', 'phoneNumbers'],
  ...['Successful', 'Failed'],
]);

export function encode(input: Input): [name: string, value: string][] {
  const parameters: [string, string][] = [];
  const add = (at: string, name: string, value: Value | undefined): void => {
    const map = maps[name];
    if (value === undefined) return;
    if (typeof value !== 'object') parameters.push([at, String(value)]);
    else if (Array.isArray(value)) {
      for (const [index, each] of value.entries()) add(`${at}.member.${index + 1}`, '', each);
    } else if (map !== undefined) {
      for (const [index, [key, each]] of Object.entries(value).entries()) {
        parameters.push([`${at}.entry.${index + 1}.${map[0]}`, key]);
        add(`${at}.entry.${index + 1}.${map[1]}`, '', each);
      }
    } else for (const [each, member] of Object.entries(value)) add(`${at}.${each}`, each, member as Value);
  };
  for (const [name, value] of Object.entries(input)) add(name, name, value);
  return parameters;
}

export function decode(element: XmlElement): unknown {
  const { name, children, text } = element;
  if (lists.has(name)) return children.map(decode);
  if (maps[name] !== undefined) {
    return Object.fromEntries(children.map(({ children: [key, value] }) => [key?.text, value?.text]));
  }
  if (children.length === 0) return text;
  return Object.fromEntries(children.map((child) => [child.name, decode(child)]));
}

export async function callSns(operation: string, input: Input, options: SnsCallOptions = {}): Promise<SnsAnswer> {
  const form = new URLSearchParams([['Action', operation], ['Version', '2010-03-31'], ...encode(input)]);
  const { status, text } = await post(String(form), options);
  const root = parseXml(text);
  const child = (name: string) => root.children.find((each) => each.name === name);
  if (status !== 200) {
    const error = child('Error');
    if (root.name !== 'ErrorResponse' || error === undefined) throw new Error(`Not an error of SNS: ${text}`);
    return { status, output: {} as Output, error: decode(error) as NonNullable<SnsAnswer['error']> };
  }
  if (root.name !== `${operation}Response`) throw new Error(`${operation} is answered by ${root.name}`);
  const result = child(`${operation}Result`);
  return {
    status,
    output: (result === undefined ? {} : decode({ ...result, name: '' }) || {}) as Output,
    error: undefined,
  };
}

/** Calls, and expects success. */
export async function ok(operation: string, input: Input = {}, options?: SnsCallOptions): Promise<Output> {
  const answer = await callSns(operation, input, options);
  expect(answer).toMatchObject({ status: 200, error: undefined });
  return answer.output;
}

/** Calls, and expects this very refusal. */
export async function refused(
  operation: string,
  input: Input,
  { status, code, message }: SnsError,
  options?: SnsCallOptions,
): Promise<void> {
  const answer = await callSns(operation, input, options);
  expect({ status: answer.status, error: answer.error }).toEqual({
    status,
    error: { Type: 'Sender', Code: code, Message: message },
  });
}

export const invalidParameter = (reason: string): SnsError => ({
  ...{ status: 400, code: 'InvalidParameter' },
  message: `Invalid parameter: ${reason}`,
});

export const invalid = (message: string): SnsError => ({ status: 400, code: 'InvalidParameter', message });

export const notFound = (what: string): SnsError => ({
  ...{ status: 404, code: 'NotFound' },
  message: `${what} does not exist`,
});

/** What a constraint of the model says no to. */
export const violated = (value: string, at: string, constraint: string): SnsError => ({
  ...{ status: 400, code: 'ValidationError' },
  message: `1 validation error detected: Value ${value} at '${at}' failed to satisfy constraint: ${constraint}`,
});

export const missing = (at: string): SnsError => violated('null', at, 'Member must not be null');

function post(body: string, { accessKeyId, region }: SnsCallOptions): Promise<{ status: number; text: string }> {
  const url = new URL(endpoint());
  const signer = signerOf('sns');
  const claimed = { ...signer, accessKeyId: accessKeyId ?? signer.accessKeyId, region: region ?? signer.region };
  const headers = {
    ...sign(
      { method: 'POST', url, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body },
      claimed,
      new Date(),
    ),
    'content-length': String(Buffer.byteLength(body)),
  };
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(url, { method: 'POST', headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
    request.end(body);
  });
}
