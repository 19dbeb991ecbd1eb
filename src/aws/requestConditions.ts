import type { RequestContext } from '#access';
import type { ReceivedRequest } from './received.ts';
import { isOverTls } from './tlsFacts.ts';

/** The time as conditions compare it, to the second: the same for all requests of that second. */
let second = 0;
let currentTime = '';
let epochTime = '';

/** The condition keys that every request has, whatever it asks for (IAM User Guide, "Global condition context keys"). */
export function requestConditions(request: ReceivedRequest, region: string, now: number): RequestContext {
  const { remoteAddress = '' } = request.socket;
  const { 'user-agent': userAgent, referer } = request.headers;
  if (Math.floor(now / 1000) !== second) {
    second = Math.floor(now / 1000);
    currentTime = new Date(second * 1000).toISOString().replace('.000', '');
    epochTime = String(second);
  }
  const conditions: Record<string, string> = {
    // IPv4 comes in the clothes of IPv6 where the server listens to both.
    'aws:SourceIp': remoteAddress.startsWith('::ffff:') ? remoteAddress.slice('::ffff:'.length) : remoteAddress,
    'aws:SecureTransport': isOverTls(request.socket) ? 'true' : 'false',
    'aws:CurrentTime': currentTime,
    'aws:EpochTime': epochTime,
    'aws:RequestedRegion': region,
    'aws:ViaAWSService': 'false',
  };
  if (userAgent !== undefined) conditions['aws:UserAgent'] = userAgent;
  if (referer !== undefined) conditions['aws:Referer'] = referer;
  return conditions;
}
