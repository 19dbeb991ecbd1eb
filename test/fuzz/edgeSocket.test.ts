/**
 * Spoilt requests over real connections: bytes of right ones changed anywhere, the head included, and several in one go.
 * Whatever comes, answers can be read, none is our own failure, and the connection ends.
 */
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Listener, startListener } from '#aws';
import type { ServedService, ServiceContract } from '#aws/contract';
import { iam } from '#aws/generated/iam';
import { kms } from '#aws/generated/kms';
import { sns } from '#aws/generated/sns';
import { sqs } from '#aws/generated/sqs';
import { sts } from '#aws/generated/sts';
import { Prng } from '#std/prng';
import { readAnswers } from './edgeAnswers.ts';
import { requestFor, spoiltBytes, spoiltRequest, wireBytes } from './edgeRequests.ts';

/** Over sockets each takes about half a millisecond; the parsers alone get many more. */
const inputs = Math.max(1500, Math.floor(Number(process.env.POSTHORN_FUZZ_INPUTS ?? 0) / 50));
const firstSeed = Number(process.env.POSTHORN_FUZZ_SEED ?? 1);
const atOnce = 20;

const contracts: readonly ServiceContract[] = [sqs, sns, sts, iam, kms];
const failures: unknown[] = [];
let listener: Listener;

beforeAll(async () => {
  const services = contracts.map((contract): ServedService => {
    const operations = Object.fromEntries(Object.keys(contract.operations).map((name) => [name, () => ({})]));
    return { contract, operations };
  });
  const log = { error: (details: object) => failures.push(details) };
  listener = await startListener({ ...{ host: '127.0.0.1', port: 0, services, log } });
});
afterAll(() => listener.close());

function bytesOf(seed: number): Buffer {
  const prng = new Prng(Math.imul(seed, 0x85ebca6b));
  const requests = Array.from({ length: 1 + prng.below(2) }, () => {
    const contract = prng.pick(contracts) ?? sqs;
    const request = requestFor(contract, prng.pick(Object.keys(contract.operations)) ?? '', prng);
    const spoilt = prng.chance(0.5) ? spoiltRequest(request, prng) : request;
    // An answer to HEAD has a length and no body; the other test has it.
    return wireBytes(spoilt.method === 'HEAD' ? request : spoilt);
  });
  const bytes = Buffer.concat(requests);
  return prng.chance(0.5) ? spoiltBytes(bytes, prng) : bytes;
}

/** The half-closed connection says that nothing more comes, so there is nothing to wait for. */
function exchange(bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(listener.address.port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => undefined).on('close', () => resolve(answer));
    socket.end(bytes);
  });
}

it(`${inputs} connections with bytes of every broken kind`, { timeout: 60_000 + inputs * 10 }, async () => {
  const statuses = new Map<number, number>();
  for (let seed = firstSeed; seed < firstSeed + inputs; seed += atOnce) {
    const seeds = Array.from({ length: atOnce }, (_, index) => seed + index);
    const answers = await Promise.all(seeds.map(async (each) => ({ each, wire: await exchange(bytesOf(each)) })));
    for (const { each, wire } of answers) {
      for (const { status, fault } of readAnswers(wire)) {
        if (fault !== undefined || status === 500) throw new Error(`Seed ${each}: ${fault ?? 'a failure'} in ${wire}`);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    }
  }
  expect(failures).toEqual([]);
  expect(statuses.get(200)).toBeGreaterThan(inputs / 20);
  expect(statuses.get(400)).toBeGreaterThan(inputs / 20);
  if (process.env.POSTHORN_FUZZ_INPUTS !== undefined) {
    process.stderr.write(`${JSON.stringify({ inputs, statuses: Object.fromEntries(statuses) })}\n`);
  }
});
