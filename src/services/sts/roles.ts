import { createHash } from 'node:crypto';
import type { AssumableRole } from '#access';
import { validationError } from './errors.ts';
import { chainedRoleSeconds, defaultRoleSeconds } from './limits.ts';

/** What STS knows of a role: the one of IAM, or while callers are not known, whatever an ARN names. */
export type Role = Omit<AssumableRole, 'trustPolicy'> & Partial<Pick<AssumableRole, 'trustPolicy'>>;

const arnPattern = /^arn:aws[\w-]*:iam::(\d{12}):role\/(?:[\x21-\x7e]+\/)?([\w+=,.@-]+)$/;

/** Refuses what is no ARN of a role. */
export function checkRoleArn(arn: string): { accountId: string; name: string } {
  const [, accountId, name] = arnPattern.exec(arn) ?? [];
  if (accountId === undefined || name === undefined) throw validationError(`${arn} is invalid`);
  return { accountId, name };
}

/** A role that nobody has made. Its id is always the same, so that what remembers it by the id does so once. */
export function supposedRole(arn: string): Role {
  const letters = [...createHash('sha256').update(arn).digest()].slice(0, 17);
  const roleId = `AROA${letters.map((byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte & 31]).join('')}`;
  return { ...checkRoleArn(arn), arn, roleId, maxSessionSeconds: 43_200, tags: {} };
}

export function checkDuration(seconds: number | undefined, role: Role, isChained: boolean): number {
  const asked = seconds ?? defaultRoleSeconds;
  if (asked > role.maxSessionSeconds) {
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  if (isChained && asked > chainedRoleSeconds) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  }
  return asked;
}

/** Names whoever has assumed a role. */
export function assumedRole(role: Role, sessionName: string): { AssumedRoleId: string; Arn: string } {
  return {
    AssumedRoleId: `${role.roleId}:${sessionName}`,
    Arn: `arn:aws:sts::${role.accountId}:assumed-role/${role.name}/${sessionName}`,
  };
}
