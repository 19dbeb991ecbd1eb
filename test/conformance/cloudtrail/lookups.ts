/** A server that keeps audit records, and LookupEvents in plain JSON: no SDK of CloudTrail is among the tools. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PosthornOptions } from '../../../src/server.ts';
import { type Enforced, type Key, region, startEnforced } from '../../enforced/server.ts';
import { sign } from '../signature.ts';

export interface Event {
  readonly EventId: string;
  readonly EventName: string;
  readonly ReadOnly: string;
  readonly AccessKeyId?: string;
  readonly EventTime: number;
  readonly EventSource: string;
  readonly Username?: string;
  readonly Resources: readonly { ResourceType: string; ResourceName: string }[];
  readonly CloudTrailEvent: string;
}

export interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly events: readonly Event[];
  readonly nextToken: string | undefined;
}

export interface Audited extends Enforced {
  readonly directory: string;
  lookup(input?: object, options?: { key?: Key; region?: string; prefix?: string }): Promise<Answer>;
  /** All records on disk. */
  records(): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

const prefixes = 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101';

export async function startAudited(options: PosthornOptions = {}): Promise<Audited> {
  const directory = await mkdtemp(join(tmpdir(), 'posthorn-audit-'));
  const enforced = await startEnforced({ auditDir: directory, ...options });
  const { server, root } = enforced;
  return {
    ...enforced,
    directory,
    lookup: (input = {}, { key = root, region: of = region, prefix = prefixes } = {}) =>
      lookupAt(server.endpoint, input, { key, region: of, target: `${prefix}.LookupEvents` }),
    records: async () => {
      const names = (await readdir(directory)).sort();
      const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
      return texts.flatMap((text) => text.split('\n').slice(0, -1)).map((line) => JSON.parse(line));
    },
    close: async () => {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export async function lookupAt(
  endpoint: string,
  input: object,
  { key, region: of, target }: { key: Key; region: string; target: string },
): Promise<Answer> {
  const url = new URL(endpoint);
  const body = JSON.stringify(input);
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
  const signer = { ...key, region: of, service: 'cloudtrail' };
  const { host: _, ...signed } = sign({ method: 'POST', url, headers, body }, signer, new Date());
  const answer = await fetch(url, { method: 'POST', headers: signed, body });
  const content = JSON.parse(await answer.text());
  return {
    status: answer.status,
    code: content.__type?.split('#').at(-1),
    message: content.message ?? content.Message,
    events: content.Events ?? [],
    nextToken: content.NextToken,
  };
}
