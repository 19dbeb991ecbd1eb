import { CommitFailed } from '../store.ts';

/** What a start finds that can't be as Posthorn left it. `message` is a sentence. */
export class StoreDamaged extends Error {}

export function toCommitFailed(error: unknown): CommitFailed {
  if (error instanceof CommitFailed) return error;
  const reason = reasonFor(errorCode(error));
  const what = { 'no-space': 'no space is left', 'read-only': 'the file system is read-only', io: 'the write failed' };
  return new CommitFailed(reason, `Nothing was committed: ${what[reason]} (${String(error)}).`, { cause: error });
}

export function isNoSpace(error: unknown): boolean {
  return reasonFor(errorCode(error)) === 'no-space';
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function reasonFor(code: string | undefined): CommitFailed['reason'] {
  if (code === undefined) return 'io';
  if (noSpace.has(code)) return 'no-space';
  return readOnly.has(code) ? 'read-only' : 'io';
}

/** EFBIG: a limit on the size of files. */
const noSpace: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const readOnly: ReadonlySet<string> = new Set(['EROFS', 'EACCES', 'EPERM']);
