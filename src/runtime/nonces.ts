import { hash, randomFillSync } from 'node:crypto';
import { readUint48 } from '#std/bytes';

/** 48 random bits at a time, drawn from the system's generator 4 KiB at a time. */
export function createNonces(): () => number {
  const pool = Buffer.allocUnsafeSlow(4096);
  let used = pool.length;
  return () => {
    if (used + 6 > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += 6;
    return readUint48(pool, used - 6);
  };
}

/** The nonce of a receive that the client named: the same for the same name. */
export function attemptNonce(attemptId: string): number {
  return readUint48(Buffer.from(hash('sha256', attemptId, 'hex').slice(0, 12), 'hex'), 0);
}
