/**
 * The front takes plain requests from the sockets, and leaves all others to Node. Whatever comes, it must be as if all of it
 * had been left to Node: the same requests with the same bodies, the same answers, and the same end of the connection.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frontCorpus, wrongBehindRight } from './frontCorpus.ts';
import { overNetwork } from './frontNetwork.ts';
import { type Conversation, converse, cutBehindRequests, frontSide, nodeSide, type Outcome } from './frontPair.ts';
import { conversations } from './frontRequests.ts';

/** A million takes some minutes. */
const rounds = Number(process.env.POSTHORN_FUZZ_ROUNDS ?? 20_000);
const seed = Number(process.env.POSTHORN_FUZZ_SEED ?? Date.now() % 2 ** 31);

const node = nodeSide();
const front = frontSide();

async function judge(conversation: Conversation): Promise<void> {
  const [expected, found] = await Promise.all([converse(node, conversation), converse(front, conversation)]);
  expect(front.held(), 'bodies that have room').toBe(0);
  if (same(expected, found)) return;
  const pieces = await cutBehindRequests(node, conversation);
  const [patient, foundPatient] = await Promise.all([converse(node, pieces, true), converse(front, pieces, true)]);
  if (!isWaiting(patient, foundPatient)) expect(foundPatient, 'request by request').toEqual(patient);
  const hasty = await converse(node, { ...conversation, chunks: [conversation.chunks.join('')] });
  if (isBetween(hasty, found, patient) || hasMoreBehindLast(hasty, found, patient)) return;
  if (isWaiting(patient, found) && !conversation.isEnded) return judge({ ...conversation, isEnded: true });
  expect(found).toEqual(patient);
}

/**
 * Node refuses a head at its first wrong byte, the front when it ends, with the client's side of the connection or because it
 * takes too long.
 */
function isWaiting(expected: Outcome, found: Outcome): boolean {
  const isOpen = found.fate === 'open' && expected.fate !== 'open';
  return isOpen && found.requests.join() === expected.requests.join() && found.written === answers(expected);
}

function same(one: Outcome, other: Outcome): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/**
 * Node reads ahead of its answers, so bytes that are wrong take answers with them that were due before, unless the client
 * gave it time; and the front reads less far ahead. In such cases it gets as far as Node does with all bytes at once, at least,
 * and not beyond what Node does when each answer is waited for.
 */
function isBetween(hasty: Outcome, found: Outcome, patient: Outcome): boolean {
  if (hasty.fate === 'open' || found.fate === 'open' || patient.fate === 'open') return false;
  const isPrefix = (part: Outcome, whole: Outcome) =>
    answers(whole).startsWith(answers(part)) && beginsLike(part, whole);
  return isPrefix(hasty, found) && isPrefix(found, patient);
}

/** All requests of the one are the first ones of the other. */
function beginsLike(part: Outcome, whole: Outcome): boolean {
  return part.requests.every((request, index) => request === whole.requests[index]);
}

/**
 * Node takes the requests that come along with the one whose answer is the last, and never answers them. To a connection that was
 * handed over come along those, too, that came while the front was answering; what is written is the same.
 */
function hasMoreBehindLast(hasty: Outcome, found: Outcome, patient: Outcome): boolean {
  const isAnsweredAlike = found.written === patient.written && found.fate === patient.fate;
  const isLastAnswered = patient.fate === 'ended' && /^\["[A-Z]+","[^"]*last/.test(patient.requests.at(-1) ?? '');
  return isAnsweredAlike && isLastAnswered && beginsLike(patient, found) && beginsLike(found, hasty);
}

/** What was written, without the refusal that ends a connection, which is not sent in the middle of an answer. */
function answers({ written }: Outcome): string {
  return written.replace(/HTTP\/1\.1 4\d\d [^\r]*\r\nConnection: close\r\nx-amzn-RequestId: ID\r\n[\s\S]*$/, '');
}

it.each([...frontCorpus, wrongBehindRight])('answers as ever: $what', async ({ bytes, statuses, front: taken }) => {
  const before = front.taken();
  const { written } = await converse(front, { chunks: [bytes], isEnded: false });
  expect(Array.from(written.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => status).join(' ')).toBe(statuses);
  expect(front.taken() - before).toBe(taken);
});

describe.each(frontCorpus)('$what', ({ bytes, statuses }) => {
  it.each([false, true])('is the same for Node in any two pieces (client ends: %s)', async (isEnded) => {
    for (let at = 0; at <= bytes.length; at += 1) {
      await judge({ chunks: [bytes.slice(0, at), bytes.slice(at)].filter((chunk) => chunk !== ''), isEnded });
      await judge({ chunks: [bytes.slice(0, at)], isEnded });
    }
  });

  it('is the same for Node byte by byte', () => judge({ chunks: [...bytes], isEnded: true }));

  it.each(['plain', 'TLS'] as const)('is the same for Node over a network (%s)', async (transport) => {
    const answers = statuses.split(' ').length;
    const expected = await overNetwork(node, transport, bytes, answers);
    expect(await overNetwork(front, transport, bytes, answers)).toBe(expected);
  });
});

it('is no other than Node with requests behind the last answer, on a connection that Node goes on with', async () => {
  const plain = 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n';
  const chunked = 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n';
  const conversation = { chunks: [plain + chunked + plain.replace('/', '/last'), plain, plain], isEnded: false };
  await judge(conversation);
  const [expected, found] = await Promise.all([converse(node, conversation), converse(front, conversation)]);
  expect(found.requests.slice(0, 3)).toEqual(expected.requests.slice(0, 3));
  expect([found.written, found.fate]).toEqual([expected.written, expected.fate]);
});

it(
  `is no other than Node, in ${rounds} conversations of seed ${seed}`,
  async () => {
    await fc.assert(fc.asyncProperty(conversations, judge), { numRuns: rounds, seed });
    expect(front.taken()).toBeGreaterThan(rounds / 4);
  },
  Math.max(120_000, rounds * 2),
);
