import type { Access, CallContext } from '#aws/contract';

/**
 * Undefined for operations that need no permission (GetCallerIdentity, GetSessionToken: even a deny doesn't hold them back),
 * and for those that decide themselves, by the trust policy of the role.
 */
export function accessOf(operation: string, input: object, { accountId }: CallContext): Access | undefined {
  const on = (resource: string): Access => ({
    ...{ action: `sts:${operation}`, resource, resourceAccountId: accountId, context: {} },
  });
  switch (operation) {
    case 'GetFederationToken':
      return on(`arn:aws:sts::${accountId}:federated-user/${(input as { Name?: string }).Name ?? ''}`);
    case 'GetAccessKeyInfo':
    case 'DecodeAuthorizationMessage':
      return on('*');
    default:
      return undefined;
  }
}
