/** Of the SMS settings, which every case about them changes, and which an account has only once in each region. */
import { isRemote } from '../target.ts';
import type { SnsCallOptions } from './queryCall.ts';

let accounts = 0;

/** An account of its own here; at AWS there is only the one. */
export function account(): SnsCallOptions {
  accounts += 1;
  return isRemote ? {} : { accessKeyId: `3000000${String(accounts).padStart(5, '0')}` };
}
