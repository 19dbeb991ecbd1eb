/** What a simulated disk is told to do wrong, and whether an error comes of that. */
import type { DiskChange } from './simulatedDisk.ts';

export const faultCodes = ['EIO', 'ENOSPC', 'EMFILE'];
/** Log writes come thrice, since commits are made of them. */
export const diskChanges: readonly DiskChange[] = [
  ...(['append', 'sync', 'create', 'openLog', 'rename', 'remove', 'syncDirectory'] as const),
  ...(['write', 'write', 'write'] as const),
];
export const readFaults = [
  ...(['read', 'read', 'open'] as const).map((operation) => ({ operation, code: 'EIO' })),
  { operation: 'open', code: 'EMFILE' },
  { operation: 'names', code: 'EIO' },
] as const;

/** Whether that is what the disk was told to say, or follows from it. */
export function isOfDisk(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (faultCodes.includes((cause as NodeJS.ErrnoException).code ?? '')) return true;
  }
  return false;
}

/** Whether a read failed, since the disk was told to fail it. */
export function isOfRead(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return faultCodes.includes(code ?? '') && ['read', 'open', 'names'].includes(syscall ?? '');
}
