/** ARNs of IAM: `arn:aws:iam::<account>:<type>/<path><name>`. IAM has no regions. */

export type ArnType = 'user' | 'group' | 'role' | 'policy';

/** The account of AWS's own managed policies. */
export const awsAccount = 'aws';

export interface NamedByPath {
  readonly path: string;
  readonly name: string;
}

export function arnOf(type: ArnType, accountId: string, { path, name }: NamedByPath): string {
  return `arn:aws:iam::${accountId}:${type}${path}${name}`;
}

export function rootArn(accountId: string): string {
  return `arn:aws:iam::${accountId}:root`;
}

export interface ParsedArn extends NamedByPath {
  readonly accountId: string;
  readonly type: ArnType;
}

const pattern = /^arn:aws[\w-]*:iam::(\d{12}|aws):(user|group|role|policy)(\/(?:.*\/)?)([\w+=,.@-]+)$/;

export function parseArn(arn: string): ParsedArn | undefined {
  const [, accountId, type, path, name] = pattern.exec(arn) ?? [];
  if (accountId === undefined || type === undefined || path === undefined || name === undefined) return undefined;
  return { accountId, type: type as ArnType, path, name };
}
