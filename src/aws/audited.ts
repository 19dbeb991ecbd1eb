/** What the audit is told of a call, taken from its request. */
import type { CallSource } from './contract.ts';
import type { ReceivedRequest } from './received.ts';
import { tlsFacts } from './tlsFacts.ts';

export function callSource({ socket, headers }: Pick<ReceivedRequest, 'socket' | 'headers'>): CallSource {
  const { remoteAddress = '' } = socket;
  const { 'user-agent': userAgent, host } = headers;
  const { version, cipher } = tlsFacts(socket) ?? {};
  return {
    // As the condition key aws:SourceIp has it.
    address: remoteAddress.startsWith('::ffff:') ? remoteAddress.slice('::ffff:'.length) : remoteAddress,
    ...(userAgent !== undefined && { userAgent }),
    ...(host !== undefined && { host }),
    ...(version !== undefined && cipher !== undefined && { tls: { version, cipher } }),
  };
}
