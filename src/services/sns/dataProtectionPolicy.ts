import { isJsonMap, parseJsonMap } from '#std/jsonMap';
import { invalidParameter } from './errors.ts';
import * as limits from './limits.ts';

/** What can be told without knowing what identifiers and operations there are; an empty one removes the policy. */
export function checkDataProtectionPolicy(text: string): void {
  if (text === '') return;
  const policy = parseJsonMap(text, limits.dataProtectionPolicyBytes);
  const { Statement: statements } = policy ?? {};
  if (policy === undefined || !Array.isArray(statements)) throw invalidParameter('DataProtectionPolicy');
  for (const statement of statements as readonly unknown[]) {
    const direction = isJsonMap(statement) ? statement.DataDirection : undefined;
    if (direction !== 'Inbound' && direction !== 'Outbound') {
      throw invalidParameter('DataProtectionPolicy Reason: Statement DataDirection must be either Inbound or Outbound');
    }
  }
}
