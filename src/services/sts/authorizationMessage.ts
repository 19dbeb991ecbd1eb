import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { AccessRequest, Decision, Principal, Sealer } from '#access';

/**
 * Why a request was refused, in full, for those who may decode it: STS's DecodeAuthorizationMessage. Only this server can
 * make or read one.
 */
const purpose = 'authorization-message';

export function encodeAuthorizationMessage(
  sealer: Sealer,
  principal: Principal,
  request: AccessRequest,
  decision: Decision,
): string {
  const message = {
    allowed: decision.effect === 'allowed',
    explicitDeny: decision.effect === 'explicitDeny',
    matchedStatements: {
      items: decision.statements.map(({ policy, statement, effect }) => ({ policy, statementId: statement, effect })),
    },
    failures: { items: [] },
    context: {
      principal: { id: principal.userId, arn: principal.arn },
      ...{ action: request.action, resource: request.resource },
      conditions: {
        items: Object.entries(request.context).map(([key, value]) => ({
          key,
          values: { items: (typeof value === 'string' ? [value] : value).map((each) => ({ value: each })) },
        })),
      },
    },
  };
  return sealer.seal(deflateRawSync(Buffer.from(JSON.stringify(message))), purpose).toString('base64url');
}

/** Undefined unless it was made here. */
export function decodeAuthorizationMessage(sealer: Sealer, encoded: string): string | undefined {
  const sealed = Buffer.from(encoded, 'base64url');
  if (sealed.toString('base64url') !== encoded) return undefined;
  try {
    return inflateRawSync(sealer.open(sealed, purpose)).toString();
  } catch {
    return undefined;
  }
}
