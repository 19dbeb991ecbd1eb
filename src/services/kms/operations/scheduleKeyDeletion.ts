import { keyArn } from '../arn.ts';
import { changeKey } from '../changing.ts';
import { validation } from '../errors.ts';
import { checkNotPendingDeletion } from '../finding.ts';
import { deletionWindow } from '../limits.ts';
import type { KmsOperation } from '../service.ts';

const dayMs = 86_400_000;

export const scheduleKeyDeletion: KmsOperation<'ScheduleKeyDeletion'> = async (kms, input, context) => {
  const { KeyId: reference, PendingWindowInDays: days = deletionWindow.usual } = input;
  // The model allows more than the service.
  if (days < deletionWindow.least || days > deletionWindow.most) {
    throw validation(
      `PendingWindowInDays must be between ${deletionWindow.least} and ${deletionWindow.most} (inclusive).`,
    );
  }
  const key = await changeKey(kms, { reference, operation: 'ScheduleKeyDeletion' }, context, (found) => {
    checkNotPendingDeletion(found);
    const deletionAt = kms.partition.now() + days * dayMs;
    return { key: { ...found, state: 'PendingDeletion', deletionAt } };
  });
  return { KeyId: keyArn(key), DeletionDate: key.deletionAt, KeyState: key.state, PendingWindowInDays: days };
};
