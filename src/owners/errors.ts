/** Errors on their way to another process: those that callers tell apart arrive as what they were. */
import { CommitFailed, MoveAlreadyRunning, QueueGone } from '#runtime';
import { StoreUnusable } from '#storage';

export interface ErrorInTransit {
  readonly kind: 'CommitFailed' | 'MoveAlreadyRunning' | 'QueueGone' | 'StoreUnusable' | 'other';
  readonly name: string;
  readonly message: string;
  readonly reason?: string;
  readonly stack?: string;
}

export function writeError(error: unknown): ErrorInTransit {
  if (!(error instanceof Error)) return { kind: 'other', name: 'Error', message: String(error) };
  const { name, message, stack } = error;
  if (error instanceof QueueGone) return { kind: 'QueueGone', name, message };
  if (error instanceof MoveAlreadyRunning) return { kind: 'MoveAlreadyRunning', name, message };
  if (error instanceof CommitFailed) return { kind: 'CommitFailed', name, message, reason: error.reason };
  if (error instanceof StoreUnusable) return { kind: 'StoreUnusable', name, message, reason: error.reason };
  return { kind: 'other', name, message, ...(stack !== undefined && { stack }) };
}

export function readError({ kind, name, message, reason, stack }: ErrorInTransit): Error {
  switch (kind) {
    case 'QueueGone':
      return new QueueGone(message);
    case 'MoveAlreadyRunning':
      return new MoveAlreadyRunning(message);
    case 'CommitFailed':
      return new CommitFailed(reason as CommitFailed['reason'], message);
    case 'StoreUnusable':
      return new StoreUnusable(reason as StoreUnusable['reason'], message);
    default:
      return Object.assign(new Error(message), { name, stack: stack ?? message });
  }
}
