/** Signature Version 4 of the generator's requests. Requests that are sent again and again are signed once. */
import { createHmac, hash } from 'node:crypto';

/** AWS's own example of a key; servers that enforce signatures are started with it. */
export const exampleKey = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};

const region = 'us-east-1';
const keys = new Map<string, Buffer>();

/** The headers that a signed POST to `/` has more: `headers` are those that it covers, in lower case, and sorted. */
export function signedHeaders(
  service: string,
  headers: readonly (readonly [string, string])[],
  body: string,
): string[] {
  // Valid for a quarter of an hour, which no run takes.
  const timestamp = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const payload = hash('sha256', body);
  const all = [...headers, ['x-amz-content-sha256', payload], ['x-amz-date', timestamp]].sort(([a = ''], [b = '']) =>
    a < b ? -1 : 1,
  );
  const names = all.map(([name]) => name).join(';');
  const canonical = ['POST', '/', '', ...all.map(([name, value]) => `${name}:${value}`), '', names, payload].join('\n');
  const scope = `${timestamp.slice(0, 8)}/${region}/${service}/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${hash('sha256', canonical)}`;
  const signature = createHmac('sha256', keyOf(scope)).update(text).digest('hex');
  const credential = `${exampleKey.accessKeyId}/${scope}`;
  return [
    `x-amz-date: ${timestamp}`,
    `x-amz-content-sha256: ${payload}`,
    `authorization: AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  ];
}

function keyOf(scope: string): Buffer {
  let key = keys.get(scope);
  if (key === undefined) {
    key = Buffer.from(`AWS4${exampleKey.secretAccessKey}`);
    for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
    keys.set(scope, key);
  }
  return key;
}
