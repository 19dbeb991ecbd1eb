import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { RequestContext } from '#access';

/** The condition keys that every request has, whatever it asks for (IAM User Guide, "Global condition context keys"). */
export function requestConditions(request: IncomingMessage, region: string, now: number): RequestContext {
  const { remoteAddress = '' } = request.socket;
  const { 'user-agent': userAgent, referer } = request.headers;
  return {
    // IPv4 comes in the clothes of IPv6 where the server listens to both.
    'aws:SourceIp': remoteAddress.startsWith('::ffff:') ? remoteAddress.slice('::ffff:'.length) : remoteAddress,
    'aws:SecureTransport': String(request.socket instanceof TLSSocket),
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
    'aws:RequestedRegion': region,
    'aws:ViaAWSService': 'false',
    ...(userAgent !== undefined && { 'aws:UserAgent': userAgent }),
    ...(referer !== undefined && { 'aws:Referer': referer }),
  };
}
