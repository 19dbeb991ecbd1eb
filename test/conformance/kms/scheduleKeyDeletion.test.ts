import { DescribeKeyCommand, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { refusesAbsentKeys, refusesAliases, refusesDoomedKeys } from './keyRefusals.ts';
import { kms, newKey, refused, validation } from './target.ts';

const day = 86_400_000;

describe('ScheduleKeyDeletion', () => {
  it.each([
    [undefined, 30],
    [7, 7],
    [30, 30],
  ])(
    'of %s days sets the date [model: ScheduleKeyDeletionRequest.PendingWindowInDays]',
    async (PendingWindowInDays, days) => {
      const { KeyId, Arn } = await newKey();
      const asked = Date.now();
      const answer = await kms().send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays }));
      expect(answer).toMatchObject({ KeyId: Arn, KeyState: 'PendingDeletion', PendingWindowInDays: days });
      const away = (answer.DeletionDate?.getTime() ?? 0) - asked;
      expect(Math.round(away / day)).toBe(days);
      const { KeyMetadata } = await kms().send(new DescribeKeyCommand({ KeyId }));
      expect(KeyMetadata).toMatchObject({
        KeyState: 'PendingDeletion',
        Enabled: false,
        DeletionDate: answer.DeletionDate,
      });
    },
  );

  it.each([1, 6, 31])(
    'refuses %d days [model: ScheduleKeyDeletionRequest.PendingWindowInDays]',
    async (PendingWindowInDays) => {
      const { KeyId } = await newKey();
      const message = 'PendingWindowInDays must be between 7 and 30 (inclusive).';
      await refused('ScheduleKeyDeletion', { KeyId, PendingWindowInDays }, validation(message));
    },
  );

  refusesAbsentKeys('ScheduleKeyDeletion', (KeyId) => ({ KeyId }));
  refusesAliases('ScheduleKeyDeletion', (KeyId) => ({ KeyId }));
  refusesDoomedKeys('ScheduleKeyDeletion', (KeyId) => ({ KeyId }));
});
