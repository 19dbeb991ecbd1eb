import type { Partition } from '#runtime';
import { invalidParameter } from './errors.ts';

/** Whose settings count: an account has them for each region. */
export interface SmsScope {
  readonly accountId: string;
  readonly region: string;
}

type Store = { readonly partition: Partition };

/** Kind `sns-opted-out`, path `<account>/<region>/<number>`: who does not want SMS from this account. */
const optedOutKind = 'sns-opted-out';

/** E.164, which has 15 digits at most; the plus may be left out. */
export function isPhoneNumber(text: string): boolean {
  return /^\+?[1-9]\d{1,14}$/.test(text);
}

/** Refuses what is none, in AWS's words; gives it with its plus. */
export function checkPhoneNumber(text: string): string {
  if (!isPhoneNumber(text)) throw invalidParameter('PhoneNumber Reason: input incorrectly formatted');
  return normalNumber(text);
}

export function normalNumber(text: string): string {
  return text.startsWith('+') ? text : `+${text}`;
}

export function scopePath({ accountId, region }: SmsScope): string {
  return `${accountId}/${region}`;
}

export async function isOptedOut({ partition }: Store, scope: SmsScope, number: string): Promise<boolean> {
  return (await partition.entities.get(optedOutKind, `${scopePath(scope)}/${number}`)) !== undefined;
}

/** What a gateway tells when somebody answers STOP. */
export async function optOut({ partition }: Store, scope: SmsScope, number: string): Promise<void> {
  const value = { at: partition.now() };
  await partition.entities.write({ kind: optedOutKind, path: `${scopePath(scope)}/${number}`, value });
}

export async function optIn({ partition }: Store, scope: SmsScope, number: string): Promise<void> {
  await partition.entities.write({ kind: optedOutKind, path: `${scopePath(scope)}/${number}` });
}

export async function listOptedOut(
  { partition }: Store,
  scope: SmsScope,
  limit: number,
  after: string | undefined,
): Promise<string[]> {
  const prefix = `${scopePath(scope)}/`;
  const behind = after === undefined ? undefined : prefix + after;
  const found = await partition.entities.list(optedOutKind, prefix, limit, behind);
  return found.map(({ path }) => path.slice(prefix.length));
}
