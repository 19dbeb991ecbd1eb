import { expect, test } from 'vitest';
import { checkDeleted, checkSent, receiptHandles } from './answers.ts';
import { cannedAnswers } from './cannedAnswers.ts';

const canned = cannedAnswers(64);

test('the canned answers pass the checks that a server has to pass', () => {
  expect(() => checkSent({ status: 200, body: canned.send }, 1, canned.md5)).not.toThrow();
  expect(() => checkSent({ status: 200, body: canned.sendBatch }, 10, canned.md5)).not.toThrow();
  expect(() => checkDeleted({ status: 200, body: canned.deleteBatch }, 10)).not.toThrow();
  expect(receiptHandles({ status: 200, body: canned.receive }, canned.md5)).toHaveLength(10);
  expect(receiptHandles({ status: 200, body: '{}' }, canned.md5)).toEqual([]);
});

test('an error, a missing entry, a failed entry and a wrong body are all noticed', () => {
  expect(() => checkSent({ status: 500, body: canned.send }, 1, canned.md5)).toThrow('500');
  expect(() => checkSent({ status: 200, body: canned.send }, 10, canned.md5)).toThrow('10 sent');
  const failed = '{"Successful":[],"Failed":[{"Id":"m0","SenderFault":true,"Code":"ReceiptHandleIsInvalid"}]}';
  expect(() => checkDeleted({ status: 200, body: failed }, 1)).toThrow('1 to delete');
  expect(() => receiptHandles({ status: 200, body: canned.receive }, 'another md5')).toThrow('differs');
});
