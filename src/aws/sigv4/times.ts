/** The time of a signature, and when it is too far from ours. */

import { signatureLimits } from './limits.ts';
import { incomplete, mismatch, type SignatureRefusal, type SignatureRules } from './signature.ts';

export interface SignatureTime {
  /** `20150830T123600Z`, which is what is signed, whatever form it came in. */
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const basicFormat = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
/** `Sun, 30 Aug 2015 12:36:00 GMT`: what a `Date` header holds. */
const httpDate = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

// Requests of the same second are many, and reading a time costs more than a microsecond.
let lastTime: SignatureTime = { text: '19700101T000000Z', at: 0 };

export function readTime(text: string): SignatureTime | undefined {
  if (text === lastTime.text) return lastTime;
  const time = parseTime(text);
  if (time !== undefined) lastTime = time;
  return time;
}

function parseTime(text: string): SignatureTime | undefined {
  const parts = basicFormat.exec(text);
  if (parts === null) {
    const at = httpDate.test(text) ? Date.parse(text) : Number.NaN;
    return Number.isNaN(at) ? undefined : { text: basicTime(at), at };
  }
  const [, year, month, day, hour, minute, second] = parts.map(Number);
  const at = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second);
  // A 31st of February would become a day in March, which nobody has signed.
  return basicTime(at) === text ? { text, at } : undefined;
}

export function basicTime(at: number): string {
  return new Date(at).toISOString().replace(/[:-]|\.\d{3}/g, '');
}

/** Of which service AWS ignores `X-Amz-Expires`: what EKS makes of an STS URL says 60 seconds and is used for 15 minutes. */
const ignoresExpires = 'sts';

export function refuseTime(
  { text, at }: SignatureTime,
  { form, expires }: { readonly form: 'header' | 'presigned'; readonly expires: string | undefined },
  { now, service }: SignatureRules,
): SignatureRefusal | undefined {
  const { skewMs, expiresMaxSeconds } = signatureLimits;
  const minutes = skewMs / 60_000;
  if (at > now + skewMs) {
    const latest = basicTime(now + skewMs);
    return mismatch(
      `Signature not yet current: ${text} is still later than ${latest} (${basicTime(now)} + ${minutes} min.)`,
    );
  }
  if (form === 'presigned' && expires !== undefined && service !== ignoresExpires) {
    const seconds = /^\d{1,9}$/.test(expires) ? Number(expires) : 0;
    if (seconds < 1 || seconds > expiresMaxSeconds) {
      return incomplete(`X-Amz-Expires must be a number of seconds from 1 to ${expiresMaxSeconds}.`);
    }
    return now > at + seconds * 1000 ? { refused: 'requestExpired', message: 'Request has expired.' } : undefined;
  }
  if (at >= now - skewMs) return undefined;
  const earliest = basicTime(now - skewMs);
  return mismatch(`Signature expired: ${text} is now earlier than ${earliest} (${basicTime(now)} - ${minutes} min.)`);
}
