/** The library's front door and the only composition root: builds everything, passes it down, owns shutdown. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Logger, pino } from 'pino';
import { createAdmin, Metrics } from './admin/index.ts';
import { Faults, fallbackAccountId, fallbackRegion, type Listener, startListener } from './aws/index.ts';
import { Partition } from './runtime/index.ts';
import { seedQueues } from './seedQueues.ts';
import { createSns, type RunningSns, type SnsSettings } from './services/sns/index.ts';
import { queueEncoder } from './services/sqs/encoder.ts';
import { errorCodes } from './services/sqs/errorCodes.ts';
import { createSqs } from './services/sqs/index.ts';
import { describeMessage } from './services/sqs/peekedMessage.ts';
import { createSts } from './services/sts/index.ts';
import { isLoopback } from './std/loopback.ts';
import type { Store } from './storage/store.ts';

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
  /** Whoever reaches the port may do everything, as no signature is checked yet. */
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

export interface PosthornServer {
  /** `http://host:port`, for the `endpoint` of an SDK's client. */
  readonly endpoint: string;
  readonly port: number;
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
  refuseOpenNetwork(host, options.allowUnauthenticatedNetwork === true);
  const log = pino({ level: options.logLevel ?? 'silent' }, pino.destination({ fd: 2, sync: true }));
  const metrics = new Metrics();
  const store = memory ? await openMemory() : await openData(dataDir);
  const partition = await openPartition(store, metrics, log);
  let sns: RunningSns | undefined;
  let listener: Listener | undefined;
  try {
    const report = (error: Error) => log.error({ err: error }, 'background work of SNS failed');
    sns = createSns(partition, { ...options, encoder: queueEncoder, report });
    metrics.countDeliveries(sns.deliveries.reports);
    const sqs = createSqs(partition, options);
    await seedQueues(sqs, options);
    const services = [sqs, createSts(), sns.service];
    const faults = new Faults(
      services.map(({ contract }) => ({ contract, ...(contract === sqs.contract && { errorCodes }) })),
    );
    const defaultRegion = options.region ?? fallbackRegion;
    const defaultAccountId = options.accountId ?? fallbackAccountId;
    listener = await startListener({
      ...{ host, port, services, faults, defaultRegion, defaultAccountId, log },
      admin: withCertificate(
        sns,
        createAdmin({
          ...{ partition, metrics, faults, outbox: sns.outbox, describeMessage, defaultRegion, defaultAccountId },
          ...{ deliveries: sns.deliveries.reports, optOut: sns.optOut },
        }),
      ),
      onRequest: (request) => metrics.answered(request),
      ...(options.publicUrl !== undefined && { publicUrl: options.publicUrl }),
    });
  } catch (error) {
    await sns?.close();
    await partition.close();
    throw error;
  }
  sns.start(options.publicUrl ?? listener.url);
  // Not awaited: whoever scrapes first waits for it.
  setImmediate(() => metrics.watch(partition).catch((error: Error) => log.error({ err: error }, 'no metrics')));
  log.info({ endpoint: listener.url, dataDir: memory ? null : dataDir }, 'Posthorn started');
  return runningServer(listener, sns, partition, metrics);
}

async function openPartition(store: Store, metrics: Metrics, log: Logger): Promise<Partition> {
  let failing = false;
  const partition = await Partition.open(store, {
    onCommit: (measured) => {
      metrics.committed(measured);
      if (failing) log.info('the store takes writes again');
      failing = false;
    },
    onFailure: (error) => {
      metrics.commitFailed();
      // A full disk fails every commit; the first says it all.
      if (!failing) log.error({ err: error }, 'a commit failed; what it held is refused, as is what can not be stored');
      failing = true;
    },
    onError: (error) => log.error({ err: error }, 'background work failed'),
  }).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  return partition;
}

function runningServer(listener: Listener, sns: RunningSns, partition: Partition, metrics: Metrics): PosthornServer {
  let closing: Promise<void> | undefined;
  const close = async () => {
    // Long polls are answered at once, so that the listener need not wait for them.
    const closed = listener.close();
    partition.answerWaiting();
    await closed;
    await sns.close();
    await partition.close();
    metrics.close();
  };
  return {
    endpoint: listener.url,
    port: listener.address.port,
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

/** Both are loaded when they are needed: the other one's native parts would only slow the start. */
async function openMemory(): Promise<Store> {
  const { MemoryStore } = await import('./storage/memory.ts');
  return new MemoryStore();
}

async function openData(dataDir: string): Promise<Store> {
  const { openEmbedded } = await import('./storage/embedded/open.ts');
  return openEmbedded(dataDir);
}

function refuseOpenNetwork(host: string, allowed: boolean): void {
  if (allowed || isLoopback(host)) return;
  const text = `Listening on ${host} lets everyone who reaches this machine use every queue, because signatures are not checked. If that is what you want, set allowUnauthenticatedNetwork.`;
  throw Object.assign(new Error(text), { exitCode: 2 });
}
