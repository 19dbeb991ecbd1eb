import type { Operation } from '#aws/contract';
import type { SnsOperations } from '#aws/generated/sns';
import type { DataKeys, Partition, QueueEncoder, QueuePath, Turns } from '#runtime';
import type { LargeFanOuts } from './largeFanOuts.ts';
import type { Pace } from './pace.ts';
import type { Replays } from './replays.ts';
import type { SigningKeys } from './signingIdentity.ts';
import type { Topics } from './topics.ts';

/** What SNS's operations work with. */
export interface Sns {
  readonly partition: Partition;
  readonly topics: Topics;
  /** Composes messages as SQS stores them. */
  readonly encoder: QueueEncoder;
  /** What encrypts what is stored of messages to topics that have a KMS key. */
  readonly dataKeys: DataKeys;
  readonly deliveries: Deliveries;
  readonly signingKeys: SigningKeys;
  readonly replays: Replays;
  readonly largeFanOuts: LargeFanOuts;
  readonly pace: Pace;
  /** For operations that read, decide and write. */
  readonly turns: Turns;
  /** Whether SMS go to verified numbers only. */
  readonly smsSandbox: boolean;
  readonly enforceQuotas: boolean;
}

/** The delivery loop, as operations see it. */
export interface Deliveries {
  /** A queue of deliveries was created, or the settings of its deliveries have changed. */
  watch(queue: QueuePath): void;
  /** A queue of deliveries was deleted. */
  unwatch(queue: QueuePath): void;
  /** What a publish has done by itself: the other deliveries are counted where they are made. */
  count(topicArn: string, what: DeliveryCount, howMany: number): void;
}

export type DeliveryCount = 'published' | 'delivered' | 'filteredOut' | 'redriven' | 'failed';

export type SnsOperation<Name extends keyof SnsOperations> = Operation<
  Sns,
  SnsOperations[Name]['input'],
  SnsOperations[Name]['output']
>;
