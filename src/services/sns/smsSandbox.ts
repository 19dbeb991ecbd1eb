/**
 * Phone numbers to which an account in the SMS sandbox may send: those whose owner has read out the password that was sent
 * to them. AWS does not document the texts of its refusals; these are ours.
 */
import { randomInt } from 'node:crypto';
import { AwsError } from '#aws/contract';
import type { Partition } from '#runtime';
import { sendSms } from './directPublish.ts';
import { resourceNotFound, userError } from './errors.ts';
import { type SmsScope, scopePath } from './phoneNumbers.ts';
import type { Sns } from './service.ts';

/** Kind `sns-sandbox-number`, path `<account>/<region>/<number>`. */
export interface SandboxNumber {
  readonly number: string;
  readonly status: 'Pending' | 'Verified';
  /** While it is pending. */
  readonly password?: string;
  readonly expiresAt?: number;
  readonly attemptsLeft?: number;
}

const kind = 'sns-sandbox-number';

/** SNS Developer Guide, "SMS sandbox". */
export const sandboxNumbersMax = 10;
const passwordLifetimeMs = 24 * 3_600_000;
const attempts = 5;

/** By language code. */
const texts: Readonly<Record<string, (password: string) => string>> = {
  'en-US': (password) => `Your verification code is ${password}.`,
  'en-GB': (password) => `Your verification code is ${password}.`,
  'es-419': (password) => `Su código de verificación es ${password}.`,
  'es-ES': (password) => `Tu código de verificación es ${password}.`,
  'de-DE': (password) => `Ihr Bestätigungscode lautet ${password}.`,
  'fr-CA': (password) => `Votre code de vérification est ${password}.`,
  'fr-FR': (password) => `Votre code de vérification est ${password}.`,
  'it-IT': (password) => `Il tuo codice di verifica è ${password}.`,
  'ja-JP': (password) => `確認コードは ${password} です。`,
  'pt-BR': (password) => `Seu código de verificação é ${password}.`,
  'kr-KR': (password) => `인증 코드는 ${password}입니다.`,
  'zh-CN': (password) => `您的验证码是 ${password}。`,
  'zh-TW': (password) => `您的驗證碼是 ${password}。`,
};

/** Sends the password to its owner; once more if the number is there already and pending. */
export async function addSandboxNumber(sns: Sns, scope: SmsScope, number: string, language: string): Promise<void> {
  const password = String(randomInt(1_000_000)).padStart(6, '0');
  await sns.turns.take(turnOf(scope), async () => {
    const known = await listSandboxNumbers(sns, scope, sandboxNumbersMax, undefined);
    const existing = known.find((each) => each.number === number);
    if (existing?.status === 'Verified') throw userError('The phone number is verified already.');
    if (existing === undefined && known.length >= sandboxNumbersMax) {
      throw userError(`The SMS sandbox takes ${sandboxNumbersMax} phone numbers at most.`);
    }
    const expiresAt = sns.partition.now() + passwordLifetimeMs;
    const value: SandboxNumber = { number, status: 'Pending', password, expiresAt, attemptsLeft: attempts };
    await sns.partition.entities.write({ kind, path: pathOf(scope, number), value });
  });
  const text = texts[language] ?? texts['en-US'];
  await sendSms(sns, scope, number, { kind: 'confirmation', message: text?.(password) ?? password });
}

export async function verifySandboxNumber(sns: Sns, scope: SmsScope, number: string, password: string): Promise<void> {
  await sns.turns.take(turnOf(scope), async () => {
    const found = await findSandboxNumber(sns, scope, number);
    if (found.status === 'Verified') return;
    const { expiresAt = 0, attemptsLeft = 0 } = found;
    if (attemptsLeft <= 0 || expiresAt <= sns.partition.now()) {
      throw verificationFailed('The one-time password has expired. Ask for another one.');
    }
    const path = pathOf(scope, number);
    if (password !== found.password) {
      await sns.partition.entities.write({ kind, path, value: { ...found, attemptsLeft: attemptsLeft - 1 } });
      throw verificationFailed('The one-time password is not the one that was sent.');
    }
    await sns.partition.entities.write({ kind, path, value: { number, status: 'Verified' } satisfies SandboxNumber });
  });
}

export async function removeSandboxNumber(sns: Sns, scope: SmsScope, number: string): Promise<void> {
  await findSandboxNumber(sns, scope, number);
  await sns.partition.entities.write({ kind, path: pathOf(scope, number) });
}

export async function isVerified(
  { partition }: { readonly partition: Partition },
  scope: SmsScope,
  number: string,
): Promise<boolean> {
  const found = await partition.entities.get<SandboxNumber>(kind, pathOf(scope, number));
  return found?.status === 'Verified';
}

/** In the order of their digits. */
export async function listSandboxNumbers(
  { partition }: { readonly partition: Partition },
  scope: SmsScope,
  limit: number,
  after: string | undefined,
): Promise<SandboxNumber[]> {
  const behind = after === undefined ? undefined : pathOf(scope, after);
  const found = await partition.entities.list<SandboxNumber>(kind, pathOf(scope, ''), limit, behind);
  return found.map(({ value }) => value);
}

async function findSandboxNumber({ partition }: Sns, scope: SmsScope, number: string): Promise<SandboxNumber> {
  const found = await partition.entities.get<SandboxNumber>(kind, pathOf(scope, number));
  if (found === undefined) throw resourceNotFound('The phone number is not in the SMS sandbox.');
  return found;
}

function pathOf(scope: SmsScope, number: string): string {
  return `${scopePath(scope)}/${number}`;
}

function turnOf(scope: SmsScope): string {
  return `sandbox of ${scopePath(scope)}`;
}

/** The model gives this one neither code nor status. */
function verificationFailed(message: string): AwsError {
  return new AwsError('VerificationException', message);
}
