/**
 * Spoilt requests, made out of right ones, straight through the parsers of the edge: the head, the route, the decoder,
 * and the encoder for what came of it. POSTHORN_FUZZ_INPUTS says how many, POSTHORN_FUZZ_SEED where they begin.
 */
import { expect, it } from 'vitest';
import type { ServiceContract } from '#aws/contract';
import { sqs } from '#aws/generated/sqs';
import { Prng } from '#std/prng';
import type { EdgeRequest } from '../../src/aws/protocols/protocol.ts';
import { faultOfBody, faultOfXml } from './edgeAnswers.ts';
import { type Answered, answer, contracts } from './edgePath.ts';
import { requestFor, sampleOutput, spoiltRequest } from './edgeRequests.ts';

const inputs = Number(process.env.POSTHORN_FUZZ_INPUTS ?? 20_000);
const firstSeed = Number(process.env.POSTHORN_FUZZ_SEED ?? 1);
/** Milliseconds for all of them; one that hangs would never be done. */
const patienceMs = 30_000 + inputs;

function pickOperation(prng: Prng): { contract: ServiceContract; operation: string } {
  const contract = prng.pick(contracts) ?? sqs;
  return { contract, operation: prng.pick(Object.keys(contract.operations)) ?? '' };
}

function requestOf(seed: number): { request: EdgeRequest; prng: Prng } {
  const prng = new Prng(Math.imul(seed, 0x9e3779b1));
  const { contract, operation } = pickOperation(prng);
  return { request: spoiltRequest(requestFor(contract, operation, prng), prng), prng };
}

it(`${inputs} requests of every broken kind are answered, each with an answer that can be read`, {
  timeout: patienceMs,
}, () => {
  const kinds = { refused: 0, decoded: 0 };
  const codes = new Map<string, number>();
  let slowest = { milliseconds: 0, seed: 0 };
  for (let seed = firstSeed; seed < firstSeed + inputs; seed += 1) {
    const { request, prng } = requestOf(seed);
    const startedAt = performance.now();
    const { kind, code, status, contentType, body } = attempt(request, prng, seed);
    const milliseconds = performance.now() - startedAt;
    if (milliseconds > slowest.milliseconds) slowest = { milliseconds, seed };
    kinds[kind] += 1;
    codes.set(code, (codes.get(code) ?? 0) + 1);
    const fault =
      faultOfBody(contentType, status, String(body)) ?? (status >= 500 ? `the status ${status}` : undefined);
    if (fault !== undefined) throw new Error(`Seed ${seed}: ${fault} in ${String(body).slice(0, 500)}`);
  }
  // Neither all right nor all wrong, or something else than the edge was tested.
  expect(kinds.decoded).toBeGreaterThan(inputs / 20);
  expect(kinds.refused).toBeGreaterThan(inputs / 20);
  expect(codes.size).toBeGreaterThan(6);
  if (process.env.POSTHORN_FUZZ_INPUTS !== undefined) {
    process.stderr.write(`${JSON.stringify({ inputs, ...kinds, slowest, codes: Object.fromEntries(codes) })}\n`);
  }
});

function attempt(request: EdgeRequest, prng: Prng, seed: number): Answered {
  try {
    return answer(request, (contract, shape) => sampleOutput(contract, shape, prng));
  } catch (error) {
    throw new Error(
      `Seed ${seed}: ${error} for ${JSON.stringify({ ...request, body: request.body.toString('latin1') })}`,
    );
  }
}

it.each([
  ['<a><b>1</b><c/></a>', true],
  ['<?xml version="1.0"?><a x="1">&lt;&#13;</a>', true],
  ['<a><b></a></b>', false],
  ['<a>', false],
  ['<a></a><b></b>', false],
  ['<a>&</a>', false],
  ['<a>&nope;</a>', false],
  ['<a>\u0001</a>', false],
  ['<a x="<"></a>', false],
  ['<a>1 > 0</a>', false],
  ['<1></1>', false],
  ['text', false],
])('the check of the answers knows XML: %s', (text, isRight) => {
  expect(faultOfXml(text) === undefined).toBe(isRight);
});
