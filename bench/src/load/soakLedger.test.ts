import { beforeEach, expect, test } from 'vitest';
import { SoakFifoLedger } from './soakFifoLedger.ts';
import { Findings } from './soakFindings.ts';
import { SoakLedger } from './soakLedger.ts';

let findings: Findings;
let ledger: SoakLedger;
let fifo: SoakFifoLedger;
const receivedAt = (startedAt: number) => ({ startedAt, visibilityMilliseconds: 30_000 });

beforeEach(() => {
  findings = new Findings();
  ledger = new SoakLedger('s', findings);
  fifo = new SoakFifoLedger('f', 4, findings);
});

function sent(count: number): void {
  const first = ledger.sending(count);
  for (let index = 0; index < count; index++) ledger.acknowledged(first + index);
}

function received(number: number, at: number): void {
  ledger.received(number, receivedAt(at), at);
}

function deleted(number: number, at: number): void {
  ledger.deleting(number);
  ledger.deleted(number, at);
}

test('a message that is sent, received and deleted leaves nothing to find', () => {
  sent(2);
  expect(ledger.owed).toBe(2);
  for (const number of [0, 1]) received(number, 0);
  for (const number of [0, 1]) deleted(number, 10);
  ledger.settle();
  expect(ledger.owed).toBe(0);
  expect(findings.none).toBe(true);
});

test('an acknowledged message that is not received is lost, one whose send was in doubt is not', () => {
  sent(3);
  ledger.sendLost(ledger.sending(1));
  received(1, 0);
  deleted(1, 10);
  ledger.settle();
  expect(findings.count('lost')).toBe(2);
});

test('a message that was received before its send was acknowledged is known once', () => {
  const number = ledger.sending(1);
  received(number, 0);
  deleted(number, 10);
  ledger.acknowledged(number);
  expect(ledger.owed).toBe(0);
});

test('what two clocks may disagree about is no finding', () => {
  sent(2);
  for (const number of [0, 1]) received(number, 0);
  received(0, 29_996);
  expect(findings.none).toBe(true);
  received(1, 29_994);
  expect(findings.count('doubled')).toBe(1);
});

test('a message comes again after its visibility timeout, or when it was returned, and not before', () => {
  sent(1);
  received(0, 0);
  received(0, 30_000);
  ledger.returning(0);
  received(0, 30_001);
  expect(findings.none).toBe(true);
  received(0, 30_002);
  expect(findings.count('doubled')).toBe(1);
  expect(ledger.counts.receivedAgain).toBe(3);
});

test('a deleted message must not come again, unless the delete was acknowledged too late', () => {
  sent(2);
  for (const number of [0, 1]) received(number, 0);
  deleted(0, 29_994);
  deleted(1, 30_000);
  received(1, 30_001);
  expect(findings.none).toBe(true);
  expect(ledger.owed).toBe(1);
  received(0, 30_001);
  expect(findings.count('doubled')).toBe(1);
});

test('what nobody sent is found', () => {
  sent(1);
  received(1, 0);
  received(Number.NaN, 0);
  expect(findings.count('altered')).toBe(2);
});

test('keeps no memory of messages that are gone, and still knows them', () => {
  sent(200_000);
  const before = ledger.keptBytes;
  for (let number = 0; number < 200_000; number++) {
    received(number, 0);
    deleted(number, 1);
  }
  expect(ledger.keptBytes).toBeLessThan(before / 2);
  received(5, 2);
  expect(findings.count('doubled')).toBe(1);
});

function sentToGroup(group: number, count: number): void {
  for (let index = 0; index < count; index++) fifo.sending(group);
}

function brought(at: number, ...indices: number[]): void {
  fifo.received(
    indices.map((index) => ({ group: 1, index })),
    receivedAt(at),
    at,
  );
}

function deletedOfGroup(index: number, at: number): void {
  const place = { group: 1, index };
  fifo.deleted(place, fifo.deleting(place), at);
}

test('a group in its order leaves nothing to find', () => {
  sentToGroup(1, 4);
  brought(0, 0, 1);
  for (const index of [0, 1]) deletedOfGroup(index, 10);
  brought(10, 2, 3);
  for (const index of [2, 3]) deletedOfGroup(index, 20);
  fifo.settle();
  expect(findings.none).toBe(true);
});

test('the next messages may come while the answer to the delete of those before is under way', () => {
  sentToGroup(1, 2);
  brought(0, 0);
  const until = fifo.deleting({ group: 1, index: 0 });
  brought(5, 1);
  fifo.deleted({ group: 1, index: 0 }, until, 10);
  deletedOfGroup(1, 11);
  expect(findings.none).toBe(true);
  expect(fifo.owed).toBe(0);
});

test('a message before an earlier one of its group is out of order, within an answer and between two', () => {
  sentToGroup(1, 4);
  brought(0, 1);
  fifo.returning(1);
  brought(1, 1, 3);
  expect(findings.count('disordered')).toBe(2);
});

test('a group that is in flight is nobody else’s', () => {
  sentToGroup(1, 4);
  brought(0, 0, 1);
  deletedOfGroup(0, 5);
  brought(10, 1);
  expect(findings.count('doubled')).toBe(1);
  fifo.returning(1);
  brought(11, 1);
  expect(findings.count('doubled')).toBe(1);
});

test('a deleted message of a group must not come again, and one that does not come is lost', () => {
  sentToGroup(1, 3);
  brought(0, 0, 1);
  for (const index of [0, 1]) deletedOfGroup(index, 5);
  brought(6, 1);
  expect(findings.count('doubled')).toBe(1);
  fifo.returning(1);
  deletedOfGroup(1, 7);
  fifo.settle();
  expect(findings.count('lost')).toBe(1);
});
