/** The library's front door and the only composition root: builds everything, passes it down, owns shutdown. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Logger, pino } from 'pino';
import { createAdmin, Metrics } from './admin/index.ts';
import { openAudit } from './audit.ts';
import {
  edgeLimits,
  Faults,
  fallbackAccountId,
  fallbackRegion,
  guardedPages,
  type Listener,
  PageGuard,
  startListener,
} from './aws/index.ts';
import type { EdgePool } from './edge/edgePool.ts';
import { openEdgeProcesses } from './edgeProcesses.ts';
import { edgeProtection } from './edgeProtection.ts';
import { createExplainAccess } from './explainAccess.ts';
import { checkOwners, openQueues, type RunningQueues } from './ownerProcesses.ts';
import { isEnforced, openSecurity, type Security } from './security.ts';
import { seedQueues } from './seedQueues.ts';
import type { RunningCloudTrail } from './services/cloudtrail/index.ts';
import { createSns, type RunningSns, type SnsSettings } from './services/sns/index.ts';
import { createQueueEncoder } from './services/sqs/encoder.ts';
import { usualEncryption } from './services/sqs/encryption.ts';
import { errorCodes } from './services/sqs/errorCodes.ts';
import { createSqs } from './services/sqs/index.ts';
import { createDescriber } from './services/sqs/peekedMessage.ts';
import type { IssuerSettings } from './services/sts/index.ts';
import { isLoopback } from './std/loopback.ts';
import type { Store } from './storage/store.ts';

export { compactStore } from './compactStore.ts';
export { type RotateMasterOptions, rotateMaster } from './rotateMaster.ts';

export interface PosthornOptions extends SnsSettings {
  /** 4566 unless given; 0 takes a free one. */
  readonly port?: number;
  /** 127.0.0.1 unless given. Another than a loopback address needs `allowUnauthenticatedNetwork`. */
  readonly host?: string;
  /** Where everything is stored; `./posthorn-data` unless given. Made if it isn't there. */
  readonly dataDir?: string;
  /** Stores nothing on disk. */
  readonly memory?: boolean;
  /** What queue URLs begin with; unless given, the address that the client used. */
  readonly publicUrl?: string;
  /** The region of requests that name none; us-east-1 unless given. */
  readonly region?: string;
  /** The account of requests whose access key is not one; 000000000000 unless given. */
  readonly accountId?: string;
  /** `silent` unless given: a library is heard through its results. Logs are JSON lines on standard error. */
  readonly logLevel?: 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug';
  /** A purge, and a queue of a deleted one's name, must wait for 60 seconds, as AWS has it. */
  readonly strictTiming?: boolean;
  /** FIFO queues are throttled at the rates of AWS. */
  readonly enforceQuotas?: boolean;
  /** Certificate and key, files in PEM; with them the port speaks TLS only. They are read again when they change. */
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  /** Authorities whose client certificates are asked for and believed, a file in PEM. */
  readonly tlsClientCa?: string;
  /** Whether clients without a certificate are refused; `required` unless given. */
  readonly tlsClientCertificates?: 'required' | 'optional';
  /** ARNs of principals, by the common name or the SHA-256 fingerprint of a client's certificate. */
  readonly tlsClientPrincipals?: Readonly<Record<string, string>>;
  /** 1.2 unless given. */
  readonly tlsMinVersion?: '1.2' | '1.3';
  /**
   * How many processes share the work: 1, unless given, does everything in this one; each further one reads requests, takes
   * messages apart and puts them together. Not with TLS.
   */
  readonly threads?: number;
  /**
   * How many processes queues are spread over, each with a store of its own: as many as there were in the data directory unless
   * given, which is 1 at first; never fewer than those.
   */
  readonly owners?: number;
  /** Connections at a time, in all and of one address; 10,000 unless given. */
  readonly maxConnections?: number;
  readonly maxConnectionsPerAddress?: number;
  /** Of one access key, and of one address; unlimited unless given. */
  readonly requestsPerSecond?: number;
  readonly requestsPerSecondPerAddress?: number;
  /**
   * `enforce`: signatures are verified, and policies decide who may do what. `off`, unless given: whoever reaches the port may
   * do everything, and the account is the access key's if that is one.
   */
  readonly auth?: 'off' | 'enforce';
  /** Of the root of `accountId`; unless given, one is made at the first start with `enforce`, and told by `rootKey`. */
  readonly rootAccessKeyId?: string;
  readonly rootSecretAccessKey?: string;
  /** Other accounts, whose roots get keys too: made at the first start that names them, and told by `otherRootKeys`. */
  readonly accounts?: readonly string[];
  /** Who may vouch for the web identities of AssumeRoleWithWebIdentity. */
  readonly webIdentityIssuers?: readonly IssuerSettings[];
  /** Refusals say what should have been signed, and why access was denied. For those who look for a mistake. */
  readonly authDebug?: boolean;
  /**
   * `default`: queues are encrypted by the server's own key unless they say `SqsManagedSseEnabled=false`. `explicit`, unless
   * given: only those that say `true`. Queues and topics with a KMS key always are.
   */
  readonly managedEncryption?: 'default' | 'explicit';
  /** Wraps the key that seals secrets: base64 of 32 bytes, or a file that holds that; unless given, `master.key` in `dataDir`. */
  readonly masterKey?: string;
  readonly masterKeyFile?: string;
  /** Where records of calls go: `audit` in `dataDir` unless given, nowhere with `memory`. `off`: nowhere at all. */
  readonly auditDir?: string;
  /** Of one file of records, and how many files are kept; 64 MiB and 20 unless given. */
  readonly auditMaxBytes?: number;
  readonly auditMaxFiles?: number;
  /** Calls about messages are recorded, too. */
  readonly auditDataEvents?: boolean;
  /** With `auth: 'off'`, listen beyond this machine all the same: whoever reaches the port may do everything. */
  readonly allowUnauthenticatedNetwork?: boolean;
  /** Made at the start unless they exist with these attributes. */
  readonly queues?: readonly SeedQueue[];
}

export interface SeedQueue {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly accountId?: string;
  readonly region?: string;
}

export interface RootKey {
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface PosthornServer {
  /** `http://host:port`, for the `endpoint` of an SDK's client. */
  readonly endpoint: string;
  readonly port: number;
  /** The root's access key, if this start made it: it is shown once. */
  readonly rootKey?: RootKey;
  /** The same of `accounts`. */
  readonly otherRootKeys: readonly RootKey[];
  /** Resolves with the reason if the server can't go on by itself, as when one of its `owners` has died: close it. */
  readonly failed: Promise<Error>;
  /** Answers waiting receives, finishes what was accepted, and releases the port and the data directory. */
  close(): Promise<void>;
}

/**
 * Starts a server in this process; resolves when it accepts requests.
 *
 * Rejects with a sentence for people: `StoreUnusable` (the data directory), an `EADDRINUSE` of Node (the port), or an
 * Error with `exitCode` 2 (an option).
 */
export async function startPosthorn(options: PosthornOptions = {}): Promise<PosthornServer> {
  const { host = '127.0.0.1', port = 4566, dataDir = './posthorn-data', memory = false } = options;
  checkOptions({ ...options, host });
  const log = pino({ level: options.logLevel ?? 'silent' }, pino.destination({ fd: 2, sync: true }));
  const metrics = new Metrics();
  const store = memory ? await openMemory() : await openData(dataDir, log);
  const running = await openQueues(options, store, { metrics, log, folder: import.meta.url });
  const { home: partition, queues } = running;
  let sns: RunningSns | undefined;
  let security: Security | undefined;
  let audit: RunningCloudTrail | undefined;
  let listener: Listener | undefined;
  let edge: EdgePool | undefined;
  try {
    const report = (error: Error) => log.error({ err: error }, 'background work of SNS failed');
    const defaultRegion = options.region ?? fallbackRegion;
    const defaultAccountId = options.accountId ?? fallbackAccountId;
    audit = await openAudit(options, { log, defaultRegion, defaultAccountId });
    metrics.countLostRecords(audit.lost);
    security = await openSecurity(options, { partition, defaultAccountId, report, keyUsed: audit.keyUsed });
    const { dataKeys, vault, guard, iam } = security;
    const encryption = { dataKeys, managed: options.managedEncryption ?? usualEncryption };
    const encoder = createQueueEncoder({ encryption, isEnforced: isEnforced(options) });
    sns = createSns(partition, { ...options, encoder, dataKeys, vault, report });
    countServices(metrics, { sns, edge: () => edge });
    running.begin(dataKeys);
    const sqs = createSqs(queues, { ...options, encryption });
    await seedQueues(sqs, options);
    const services = [sqs, sns.service, ...security.services, ...audit.services];
    const faults = new Faults(
      services.map(({ contract }) => ({ contract, ...(contract === sqs.contract && { errorCodes }) })),
    );
    const describeMessage = createDescriber(dataKeys, isEnforced(options));
    const now = () => partition.now();
    const pages = createAdmin({
      ...{ partition: queues, metrics, outbox: sns.outbox, describeMessage, defaultRegion, defaultAccountId },
      ...{ faults: running.told(faults), deliveries: sns.deliveries.reports, optOut: sns.optOut },
      explainAccess: createExplainAccess({ services, iam, now }),
    });
    const ours = { holders: iam, accountId: defaultAccountId, region: defaultRegion, now, log };
    const pageGuard = guard && new PageGuard({ guard, ...ours });
    listener = await startListener({
      ...{ host, port, services, faults, defaultRegion, defaultAccountId, log },
      ...edgeProtection(options),
      ...(guard !== undefined && { guard }),
      ...(audit.audit !== undefined && { audit: audit.audit }),
      admin: withCertificate(sns, guardedPages(pages, pageGuard)),
      onRequest: (request) => metrics.answered(request),
      ...(options.publicUrl !== undefined && { publicUrl: options.publicUrl }),
      ...((options.threads ?? 1) > 1 && { elsewhere: (arrival) => edge?.take(arrival) ?? false }),
    });
    edge = await openEdgeProcesses(options, {
      ...{ running, listener, encryption, faults, defaultRegion, defaultAccountId, log },
      admission: guard && { guard, holders: iam, service: sqs },
      onMetric: (request) => metrics.answered(request),
      folder: import.meta.url,
    });
  } catch (error) {
    await listener?.close();
    await sns?.close();
    await security?.close();
    await audit?.close();
    await running.close();
    throw error;
  }
  sns.start(options.publicUrl ?? listener.url);
  metrics.watchLoop();
  log.info({ endpoint: listener.url, dataDir: memory ? null : dataDir }, 'Posthorn started');
  return runningServer(listener, { sns, security, audit, edge, running }, metrics);
}

function countServices(metrics: Metrics, { sns, edge }: { sns: RunningSns; edge: () => EdgePool | undefined }): void {
  metrics.countDeliveries(sns.deliveries.reports);
  metrics.countPromisedCopies(sns.promisedCopies);
  metrics.countEdgeProcesses(() => edge()?.ready ?? 0);
}

interface Parts {
  readonly sns: RunningSns;
  readonly security: Security;
  readonly audit: RunningCloudTrail;
  readonly edge: EdgePool | undefined;
  readonly running: RunningQueues;
}

function runningServer(
  listener: Listener,
  { sns, security, audit, edge, running }: Parts,
  metrics: Metrics,
): PosthornServer {
  let closing: Promise<void> | undefined;
  const close = async () => {
    // Long polls are answered at once, so that the listener need not wait for them.
    const closed = Promise.all([listener.close(), edge?.close(edgeLimits.closeGraceMs)]);
    running.queues.answerWaiting();
    await closed;
    await sns.close();
    await security.close();
    await audit.close();
    await running.close();
    metrics.close();
  };
  return {
    endpoint: listener.url,
    port: listener.address.port,
    ...(security.rootKey !== undefined && { rootKey: security.rootKey }),
    otherRootKeys: security.otherRootKeys,
    failed: running.failed,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

type Pages = (request: IncomingMessage, response: ServerResponse) => boolean;

/** The certificate of SNS lies where no page and no API is: its path is one that receivers of messages insist on. */
function withCertificate(sns: RunningSns, pages: Pages): Pages {
  return (request, response) => {
    const { url = '', method } = request;
    if (method !== 'GET' || !url.startsWith('/SimpleNotificationService-')) return pages(request, response);
    sns.certificateAt(url).then(
      (certificate) => {
        response.writeHead(certificate === undefined ? 404 : 200, { 'content-type': 'application/x-pem-file' });
        response.end(certificate);
      },
      () => response.writeHead(500).end(),
    );
    return true;
  };
}

/** Both are loaded when they are needed. */
async function openMemory(): Promise<Store> {
  const { MemoryStore } = await import('./storage/memory.ts');
  return new MemoryStore();
}

async function openData(dataDir: string, log: Logger): Promise<Store> {
  const { openEmbedded } = await import('./storage/embedded/open.ts');
  const { JobThread } = await import('./storage/embedded/jobThread.ts');
  const program = new URL('storeJobs.js', import.meta.url);
  return openEmbedded(dataDir, {
    jobRunner: isBuilt ? (directory) => new JobThread(program, directory) : undefined,
    onBackgroundFailure: (err) => log.error({ err }, 'work of the store in the background failed, and is tried again'),
  });
}

/** The program beside this file is there in dist/ only. */
const isBuilt = import.meta.url.endsWith('.js');

function checkOptions(options: PosthornOptions & { readonly host: string }): void {
  refuseOpenNetwork(options.host, isEnforced(options) || options.allowUnauthenticatedNetwork === true);
  checkOwners(options);
}

function refuseOpenNetwork(host: string, allowed: boolean): void {
  if (allowed || isLoopback(host)) return;
  const text = `Listening on ${host} lets everyone who reaches this machine use every queue, because signatures are not checked. Set auth to 'enforce', or allowUnauthenticatedNetwork if that is what you want.`;
  throw Object.assign(new Error(text), { exitCode: 2 });
}
