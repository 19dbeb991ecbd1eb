/** What Posthorn's own pages are made of: a request that has been taken apart, and an answer that has still to be written. */
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface PageRequest {
  /** What the groups of the page's path matched, decoded. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  /** Reads the body as JSON. */
  readonly json: () => Promise<unknown>;
}

export interface PageAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export type Respond = (request: PageRequest) => PageAnswer | Promise<PageAnswer>;

export interface Page {
  /** Of the path without its query. */
  readonly path: RegExp;
  /** Answered to everybody, where others need an access key: it tells nothing that anybody may not know. */
  readonly isOpen?: true;
  readonly methods: Readonly<Partial<Record<'GET' | 'POST' | 'DELETE', Respond>>>;
}

/** An answer that says no, with a sentence for the person who asked. */
export class PageRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'PageRefusal';
    this.status = status;
  }
}

/** Bytes. The longest body is a rule for faults with a long text in it. */
const bodyMaxBytes = 64 * 1024;

export function json(value: unknown, status = 200): PageAnswer {
  return { status, contentType: 'application/json', body: `${JSON.stringify(value)}\n` };
}

export function text(body: string, status = 200): PageAnswer {
  return { status, contentType: 'text/plain', body };
}

export function write(response: ServerResponse, { status, contentType, body }: PageAnswer): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

export async function readJson(request: IncomingMessage, read: Buffer | undefined): Promise<unknown> {
  const body = read ?? (await readBody(request));
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new PageRefusal(400, `The body is not JSON: ${(error as Error).message}.`);
  }
}

/** By events: a loop over the request that is left early would close the connection, and with it the way for the answer. */
function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bodyMaxBytes) chunks.push(chunk);
      else reject(new PageRefusal(413, `The body is larger than ${bodyMaxBytes} bytes.`));
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

/** The parameters by name; one that the page doesn't have is a slip of the pen, and would be missed silently. */
export function readQuery<const Name extends string>(
  query: URLSearchParams,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const unknown = [...query.keys()].find((name) => !names.some((each) => each === name));
  if (unknown !== undefined) {
    throw new PageRefusal(400, `There is no parameter "${unknown}" here. Known are ${names.join(', ')}.`);
  }
  return Object.fromEntries(query) as Partial<Record<Name, string>>;
}

export function readLimit(given: string | undefined, fallback: number, max: number): number {
  if (given === undefined) return fallback;
  const limit = Number(given);
  if (/^\d+$/.test(given) && limit >= 1 && limit <= max) return limit;
  throw new PageRefusal(400, `limit is "${given}", but must be a whole number from 1 to ${max}.`);
}
