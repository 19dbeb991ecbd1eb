/** The processes that read requests, where the options of a server ask for more than one thread. A part of `server.ts`. */
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import {
  EdgeAdmission,
  type EdgeAdmissionOptions,
  edgeLimits,
  type Faults,
  type Listener,
  type RequestMetric,
} from './aws/index.ts';
import type { EdgePool } from './edge/edgePool.ts';
import { edgeProtection } from './edgeProtection.ts';
import type { RunningQueues } from './ownerProcesses.ts';
import { isEnforced } from './security.ts';
import type { PosthornOptions } from './server.ts';
import { type Encryption, isEncrypted } from './services/sqs/encryption.ts';

interface Surroundings {
  readonly running: Pick<RunningQueues, 'doors' | 'queues'>;
  readonly listener: Listener;
  readonly encryption: Encryption;
  readonly faults: Faults;
  /** Absent where signatures are not enforced. */
  readonly admission: EdgeAdmissionOptions | undefined;
  readonly defaultAccountId: string;
  readonly defaultRegion: string;
  readonly onMetric: (metric: RequestMetric) => void;
  readonly log: Logger;
  /** Where the program `edge` lies: the folder of `server.js`. */
  readonly folder: string;
}

/** Undefined where one thread does everything. */
export async function openEdgeProcesses(
  options: PosthornOptions,
  { listener, encryption, faults, admission, log, folder, ...given }: Surroundings,
): Promise<EdgePool | undefined> {
  const { threads = 1, publicUrl } = options;
  if (threads === 1) return undefined;
  const { EdgePool } = await import('./edge/edgePool.ts');
  const { running, onMetric, defaultAccountId, defaultRegion } = given;
  return new EdgePool({
    ...{ size: threads - 1, program: fileURLToPath(new URL('edge.js', folder)), partition: running.queues, onMetric },
    isPlain: (record) => !isEncrypted(encryption, record),
    mustForward: () => faults.isArmed,
    admission: admission && new EdgeAdmission(admission),
    serve: listener.serve,
    adopt: listener.adopt,
    tls: listener.tls,
    log,
    settings: {
      ...{ defaultAccountId, defaultRegion, forwardsAll: forwardsAll(options), isEnforced: isEnforced(options) },
      limits: {
        ...edgeLimits,
        ...edgeProtection(options).limits,
        heldBodiesMaxBytes: Math.floor(edgeLimits.heldBodiesMaxBytes / (threads - 1)),
      },
      owners: running.doors,
      secret: running.queues.secret.toString('base64'),
      ...(publicUrl !== undefined && { publicUrl: publicUrl.replace(/\/+$/, '') }),
    },
  });
}

/** What is decided per call, and by what only the server's own process knows. */
function forwardsAll(options: PosthornOptions): boolean {
  const { enforceQuotas = false, auditDataEvents = false, requestsPerSecond, requestsPerSecondPerAddress } = options;
  const areRated = requestsPerSecond !== undefined || requestsPerSecondPerAddress !== undefined;
  return enforceQuotas || auditDataEvents || areRated;
}
