/** Where the options of a server have the audit records go. A part of `server.ts`. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { systemClock } from './runtime/index.ts';
import type { PosthornOptions } from './server.ts';
import { createCloudTrail, type RunningCloudTrail } from './services/cloudtrail/index.ts';

interface Surroundings {
  readonly log: Logger;
  readonly defaultAccountId: string;
  readonly defaultRegion: string;
}

export function openAudit(
  options: PosthornOptions,
  { log, defaultAccountId, defaultRegion }: Surroundings,
): Promise<RunningCloudTrail> {
  const { auditMaxBytes: maxBytes, auditMaxFiles: maxFiles, auditDataEvents: dataEvents } = options;
  const directory = auditDirectory(options);
  return createCloudTrail({
    ...{ clock: systemClock, log, defaultAccountId, defaultRegion },
    ...(directory !== undefined && { directory }),
    ...(maxBytes !== undefined && { maxBytes }),
    ...(maxFiles !== undefined && { maxFiles }),
    ...(dataEvents !== undefined && { dataEvents }),
  });
}

/** Who stores nothing keeps no records either, unless he says where. */
function auditDirectory({
  auditDir,
  memory = false,
  dataDir = './posthorn-data',
}: PosthornOptions): string | undefined {
  if (auditDir === 'off') return undefined;
  return auditDir ?? (memory ? undefined : join(dataDir, 'audit'));
}
