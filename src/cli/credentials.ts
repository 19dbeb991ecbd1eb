/** Whose key the commands sign with, and what to tell someone whose key does not do. */
import { SettingsError } from './setting.ts';
import type { AwsCredentials } from './sign.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What AWS's own tools read; undefined where requests are not to be signed. */
export function readCredentials(env: Environment): AwsCredentials | undefined {
  const accessKeyId = env.AWS_ACCESS_KEY_ID || undefined;
  const secretAccessKey = env.AWS_SECRET_ACCESS_KEY || undefined;
  if (accessKeyId === undefined && secretAccessKey === undefined) return undefined;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const [there, missing] =
      secretAccessKey === undefined
        ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
        : ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'];
    throw new SettingsError(`${there} needs ${missing} beside it: set both, or neither.`);
  }
  return { accessKeyId, secretAccessKey, sessionToken: env.AWS_SESSION_TOKEN || undefined };
}

/** A signature is good for one region; where none is said, the one that Posthorn assumes, too. */
export function signingRegion(env: Environment): string {
  return env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1';
}

/** The names of refusals, in AWS JSON and on Posthorn's own pages. */
const noSignature = /^(MissingAuthenticationToken|IncompleteSignature|UnrecognizedClient|InvalidSignature)/;

/** What to do about a refusal that has to do with who asks; undefined for others. */
export function accessAdvice(
  code: string,
  message: string,
  credentials: AwsCredentials | undefined,
): string | undefined {
  if (credentials === undefined) {
    if (!noSignature.test(code)) return undefined;
    return "This server verifies signatures: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN, if the key is a session's).";
  }
  const { accessKeyId, sessionToken } = credentials;
  if (code.startsWith('UnrecognizedClient')) {
    const isSession = accessKeyId.startsWith('ASIA') && sessionToken === undefined;
    return isSession
      ? `${accessKeyId} is the key of a session, so AWS_SESSION_TOKEN has to be set, too.`
      : `This server has no active key ${accessKeyId}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to one that it has.`;
  }
  if (code.startsWith('InvalidSignature')) {
    if (/not yet current|expired/.test(message)) return "The clocks of this machine and the server's differ.";
    return `AWS_SECRET_ACCESS_KEY is not the secret of ${accessKeyId}.`;
  }
  if (code.startsWith('ExpiredToken')) return 'The session is over: get new credentials for it.';
  if (code.startsWith('AccessDenied')) return '"posthorn iam explain" tells which statement decides.';
  return undefined;
}
