import { AwsError, type CallContext, type ServedService } from '#aws/contract';
import { sns as contract, type SnsOperations } from '#aws/generated/sns';
import {
  CommitFailed,
  type DataKeys,
  KeyUnusable,
  type Partition,
  type QueueEncoder,
  Turns,
  type Vault,
} from '#runtime';
import { Lazily } from '#std/lazily';
import { accessOf } from './access.ts';
import { AddressBook } from './addressBook.ts';
import { DeliveryLoop } from './deliveryLoop.ts';
import { keyUnusable } from './errors.ts';
import { Farewells } from './farewells.ts';
import { LargeFanOuts } from './largeFanOuts.ts';
import { Pace } from './pace.ts';
import { checkPhoneNumber, optOut, type SmsScope } from './phoneNumbers.ts';
import { Replays } from './replays.ts';
import { createSenders, Outbox } from './senders/index.ts';
import type { Sns } from './service.ts';
import type { SnsSettings } from './settings.ts';
import { SigningKeys } from './signingIdentity.ts';
import { Topics } from './topics.ts';

export type { SnsSettings } from './settings.ts';

/** Loaded with the first call: a server without topics starts sooner without them. */
const operations = new Lazily(async () => (await import('./operations.ts')).operations);

export interface SnsOptions extends SnsSettings {
  readonly encoder: QueueEncoder;
  readonly dataKeys: DataKeys;
  /** Seals what is kept in the outbox. */
  readonly vault: Vault;
  /** What went wrong where nobody waits for it. */
  readonly report: (error: Error) => void;
}

/** SNS with what it does by itself: deliveries, and replays. */
export interface RunningSns {
  readonly service: ServedService;
  readonly deliveries: DeliveryLoop;
  readonly outbox: Outbox;
  /** Copies of messages that are promised to queues and not there yet. */
  promisedCopies(): number;
  /** Begins deliveries; `publicUrl` is what their receivers find this server by. */
  start(publicUrl: string): void;
  /** The certificate in PEM, if this is its path. */
  certificateAt(path: string): Promise<string | undefined>;
  /** Somebody wants no more SMS of that account; refuses what is no phone number. */
  optOut(scope: SmsScope, phoneNumber: string): Promise<void>;
  /** Before the partition is closed: what is under way is broken off, and goes on after the next start. */
  close(): Promise<void>;
}

export function createSns(partition: Partition, options: SnsOptions): RunningSns {
  const { encoder, dataKeys, vault, smsSandbox = false, enforceQuotas = false, report } = options;
  const outbox = new Outbox(partition, { vault });
  const senders = createSenders({ settings: options, outbox, now: () => partition.now() });
  const deliveries = new DeliveryLoop(partition, encoder, { report, dataKeys });
  const signingKeys = new SigningKeys(partition);
  const replays = new Replays(partition, report);
  const largeFanOuts = new LargeFanOuts(partition, report);
  const farewells = new Farewells(partition, report);
  const topics = new Topics(partition);
  const sns: Sns = {
    ...{
      partition,
      topics,
      encoder,
      dataKeys,
      deliveries,
      signingKeys,
      replays,
      largeFanOuts,
      smsSandbox,
      enforceQuotas,
    },
    turns: new Turns(),
    pace: new Pace(),
  };
  return {
    service: {
      contract,
      operations: bind(sns),
      accessOf: (operation: string, input: never, context: CallContext) => accessOf(sns, operation, input, context),
    },
    deliveries,
    outbox,
    promisedCopies: () => largeFanOuts.promised,
    start: (publicUrl) => {
      const addressBook = new AddressBook(sns, publicUrl);
      deliveries.start({
        find: (delivery, queue) => addressBook.find(delivery, queue),
        senderOf: (protocol) => senders.of(protocol),
        queues: () => addressBook.queues(),
      });
      replays.start(sns);
      largeFanOuts.start(sns);
      farewells.start(sns);
    },
    certificateAt: async (path) => {
      if (!path.startsWith('/SimpleNotificationService-')) return undefined;
      const signing = await signingKeys.get();
      return signing.path === path ? signing.certificate : undefined;
    },
    optOut: async (scope, phoneNumber) => optOut(sns, scope, checkPhoneNumber(phoneNumber)),
    close: async () => {
      await Promise.all([replays.close(), largeFanOuts.close(), farewells.close(), deliveries.close()]);
      await senders.close();
    },
  };
}

/** Each operation takes its own input, which the codecs made by the contract. */
function bind(sns: Sns): ServedService['operations'] {
  const names = Object.keys(contract.operations) as (keyof SnsOperations)[];
  const bound = names.map((name) => {
    const call = async (input: never, context: CallContext) => {
      // Publishes are numbered in the order in which they come, so none may wait where there is nothing to wait for.
      const loaded = operations.get();
      const { [name]: operation } = loaded instanceof Promise ? await loaded : loaded;
      return (operation as (sns: Sns, input: never, context: CallContext) => Promise<unknown>)(sns, input, context);
    };
    return [name, (input: never, context: CallContext) => call(input, context).catch(refuse)];
  });
  return Object.fromEntries(bound);
}

/** What the runtime throws, as AWS says it. */
function refuse(error: unknown): never {
  if (error instanceof KeyUnusable) throw keyUnusable(error);
  if (!(error instanceof CommitFailed)) throw error;
  throw new AwsError('ServiceUnavailable', `Nothing was changed: the data could not be stored. ${error.message}`, {
    httpStatus: 503,
  });
}
