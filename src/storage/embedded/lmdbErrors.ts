import { CommitFailed } from '../store.ts';

/**
 * The error behind a rejected commit. lmdb-js rejects with "Commit failed (see commitError for details)"; the reason comes
 * as the rejection of the promise in `commitError`, which has to be listened to or it counts as unhandled.
 */
export async function toCommitFailed(rejection: unknown): Promise<CommitFailed> {
  if (rejection instanceof CommitFailed) return rejection;
  const cause = await reasonBehind(rejection);
  const message = cause instanceof Error ? cause.message : String(cause);
  const reason = reasonFor(errorCode(cause));
  const what = { 'no-space': 'no space is left', 'read-only': 'the file system is read-only', io: 'the write failed' }[
    reason
  ];
  return new CommitFailed(reason, `Nothing was committed: ${what} (${message}).`, { cause });
}

async function reasonBehind(rejection: unknown): Promise<unknown> {
  if (!(rejection instanceof Error) || !('commitError' in rejection)) return rejection;
  try {
    await rejection.commitError;
    return rejection;
  } catch (reason) {
    return reason;
  }
}

/** lmdb-js gives errno's number, Node its name. */
export function errorCode(error: unknown): string | number | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' || typeof error.code === 'number' ? error.code : undefined;
}

export function reasonFor(code: string | number | undefined): CommitFailed['reason'] {
  if (code === undefined) return 'io';
  if (noSpace.has(code)) return 'no-space';
  return readOnly.has(code) ? 'read-only' : 'io';
}

const mdbMapFull = -30792;
/** ENOSPC, EDQUOT and EFBIG, the last for a file size limit. EDQUOT is 122 on Linux and 69 on the BSDs and macOS; 112 is Windows's ERROR_DISK_FULL. */
const noSpace: ReadonlySet<string | number> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 28, 122, 69, 27, 112, mdbMapFull]);
const readOnly: ReadonlySet<string | number> = new Set(['EROFS', 'EACCES', 'EPERM', 30, 13, 1]);
