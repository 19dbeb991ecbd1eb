import { vi } from 'vitest';
import { endpoint } from '../target.ts';
import { violated } from './queryCall.ts';

/** What the model says no to. */
export const malformed = [
  ...['invalid phone number', '1234567890', '+1234567'].map((number) => ({
    number,
    refusal: violated(
      `'${number}'`,
      'phoneNumber',
      'Member must satisfy regular expression pattern: ^(\\+[0-9]{8,}|[0-9]{0,9})$',
    ),
  })),
  ...['+94489347594376598435346594365943695348562987'].map((number) => ({
    number,
    refusal: violated(`'${number}'`, 'phoneNumber', 'Member must have length less than or equal to 20'),
  })),
];

interface Kept {
  readonly entries: readonly { readonly to: string; readonly text: string }[];
}

/** The last SMS to the number, from the outbox; deliveries run by themselves, so it may take a moment. */
export function lastSms(number: string): Promise<string> {
  return vi.waitFor(
    async () => {
      const answer = await fetch(`${endpoint()}/_posthorn/outbox?to=${encodeURIComponent(number)}`);
      const [last] = ((await answer.json()) as Kept).entries;
      if (last === undefined) throw new Error(`No SMS has come for ${number}`);
      return last.text;
    },
    { timeout: 10_000, interval: 10 },
  );
}

export async function passwordFor(number: string): Promise<string> {
  const password = /\d{6}/.exec(await lastSms(number))?.[0];
  if (password === undefined) throw new Error('An SMS without a password');
  return password;
}
