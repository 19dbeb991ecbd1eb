/**
 * Answers a 401 with the name and the password that stand in the endpoint's URL, by Basic or Digest (RFC 7617, RFC 7616).
 * Like AWS nothing is told before the endpoint has asked: who wants Digest does not want the password itself.
 */
import { createHash, randomBytes } from 'node:crypto';

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** Takes them out of the URL, so that they do not travel in it. */
export function takeLogin(url: URL): Login | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const login = { user: decode(url.username), password: decode(url.password) };
  url.username = '';
  url.password = '';
  return login;
}

/** The Authorization header, or undefined if the endpoint wants something else. */
export function answerChallenge(
  challenge: string,
  login: Login,
  target: { readonly method: string; readonly path: string },
  clientNonce = randomBytes(16).toString('hex'),
): string | undefined {
  const digest = /(?:^|[,\s])Digest\s+(.*)/is.exec(challenge)?.[1];
  const answer = digest === undefined ? undefined : answerDigest(parametersOf(digest), login, target, clientNonce);
  if (answer !== undefined) return answer;
  if (!/(?:^|[,\s])Basic(?:\s|$)/i.test(challenge)) return undefined;
  return `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
}

const hashes: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-256': 'sha256' };

function answerDigest(
  parameters: ReadonlyMap<string, string>,
  { user, password }: Login,
  { method, path }: { readonly method: string; readonly path: string },
  clientNonce: string,
): string | undefined {
  const algorithm = parameters.get('algorithm') ?? 'MD5';
  const isSession = /-sess$/i.test(algorithm);
  const hashName = hashes[algorithm.replace(/-sess$/i, '').toUpperCase()];
  const nonce = parameters.get('nonce');
  const offered = parameters.get('qop');
  const isProtected = offered?.split(/[\s,]+/).includes('auth') === true;
  if (hashName === undefined || nonce === undefined || (offered !== undefined && !isProtected)) return undefined;
  const hash = (text: string) => createHash(hashName).update(text).digest('hex');
  const realm = parameters.get('realm') ?? '';
  const secret = hash(`${user}:${realm}:${password}`);
  const first = isSession ? hash(`${secret}:${nonce}:${clientNonce}`) : secret;
  const second = hash(`${method}:${path}`);
  const count = '00000001';
  const response = isProtected
    ? hash([first, nonce, count, clientNonce, 'auth', second].join(':'))
    : hash([first, nonce, second].join(':'));
  const opaque = parameters.get('opaque');
  const quoted = { username: user, realm, nonce, uri: path, response, ...(opaque !== undefined && { opaque }) };
  const fields = [
    ...Object.entries(quoted).map(([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&')}"`),
    `algorithm=${algorithm}`,
    ...(isProtected ? ['qop=auth', `nc=${count}`] : []),
    ...(isProtected || isSession ? [`cnonce="${clientNonce}"`] : []),
  ];
  return `Digest ${fields.join(', ')}`;
}

/** The first of each name counts: what follows may belong to the next challenge of the same header. */
function parametersOf(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, plain] of text.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)) {
    const key = name.toLowerCase();
    if (!parameters.has(key)) parameters.set(key, quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '');
  }
  return parameters;
}

/** A bad percent sign stays what it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
