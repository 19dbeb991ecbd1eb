/**
 * What is refused by its first line and its headers, before anything of the body is read: what is too large, and what
 * could mean one thing to a proxy before us and another to us.
 *
 * Node refuses by itself a Content-Length beside a Transfer-Encoding, several or unclear lengths, folded headers, bare
 * line feeds, bad chunks and control characters. What is left for here is what it takes and we do not.
 */
import type { IncomingMessage } from 'node:http';
import { AwsError, frontEndNamespace } from './contract.ts';
import type { EdgeLimits } from './limits.ts';

export type RequestHead = Pick<IncomingMessage, 'url' | 'headers' | 'rawHeaders' | 'httpVersion'>;

/** Headers that decide what a request means. Node keeps the first of some and joins others; a proxy may do otherwise. */
const onlyOnce: ReadonlySet<string> = new Set([
  'authorization',
  'content-encoding',
  'content-type',
  'date',
  'host',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-target',
]);

export function refusalOfHead(head: RequestHead, limits: EdgeLimits): AwsError | undefined {
  const { url = '/', headers, rawHeaders, httpVersion } = head;
  // first: whether the rest means what it seems to; Node's parser takes HTTP/2.0 in one line, and a line without a version
  if (httpVersion !== '1.1' && httpVersion !== '1.0') {
    return refusal(505, 'HTTPVersionNotSupported', 'The only versions of HTTP that are taken are 1.1 and 1.0.');
  }
  // then: sizes
  if (rawHeaders.length > 2 * limits.headersMax) {
    return refusal(431, 'RequestHeaderFieldsTooLarge', `The request has more than ${limits.headersMax} headers.`);
  }
  if (url.length > limits.urlMaxBytes) {
    return refusal(414, 'RequestURITooLong', `The path and the query have more than ${limits.urlMaxBytes} bytes.`);
  }
  // then: whom it is for
  if (headers.host === undefined && httpVersion !== '1.0') return malformed('The request has no Host header.');
  // An absolute URL names a host of its own, which need not be the signed one.
  if (!url.startsWith('/')) return malformed('The path of the request does not begin with a slash.');
  const repeated = repeatedHeader(head);
  if (repeated !== undefined) return malformed(`The header ${repeated} is there more than once.`);
  // then: how the body comes
  const { 'transfer-encoding': transfer, 'content-encoding': content } = headers;
  if (transfer !== undefined && (transfer.toLowerCase() !== 'chunked' || httpVersion === '1.0')) {
    return refusal(501, 'NotImplemented', 'The only Transfer-Encoding that is taken is chunked, of HTTP/1.1.');
  }
  if (content !== undefined && content.toLowerCase() !== 'identity') {
    return refusal(415, 'UnsupportedMediaType', 'The request body must not be compressed or encoded.');
  }
  return undefined;
}

/** In the usual case, all headers differing, nothing is compared. */
function repeatedHeader({ headers, rawHeaders }: RequestHead): string | undefined {
  if (Object.keys(headers).length * 2 === rawHeaders.length) return undefined;
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    if (seen.has(name) && onlyOnce.has(name)) return name;
    seen.add(name);
  }
  return undefined;
}

function malformed(message: string): AwsError {
  return refusal(400, 'MalformedHttpRequestException', message);
}

function refusal(httpStatus: number, code: string, message: string): AwsError {
  return new AwsError(code, message, { httpStatus, shapeNamespace: frontEndNamespace });
}
