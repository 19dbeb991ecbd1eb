/** Messages on their way to a topic's subscribers: stored for all of them by one commit, or for none. */
import type { CallContext } from '#aws/contract';
import type { DataKey, NewMessage, QueueHandle } from '#runtime';
import { required } from '#std/assert';
import { digestOf } from '#std/digestRing';
import { formatUuid } from '#std/uuid';
import { sealed, topicKey } from './encryption.ts';
import { topicNotFound } from './errors.ts';
import { FanOut, subscriptionsFor, type Way } from './fanOut.ts';
import { refuseIfGone } from './finding.ts';
import { isLarge } from './largeFanOuts.ts';
import type { Publication } from './publication.ts';
import { logPath, type TopicRecord } from './records.ts';
import type { Sns } from './service.ts';
import type { Topic } from './topics.ts';

/** What the publisher learns. */
export interface Published {
  readonly MessageId: string;
  readonly SequenceNumber?: string;
}

/** Who publishes, as far as it matters: `endpoint` is what subscribers find this server by. */
export type Publisher = Pick<CallContext, 'endpoint' | 'caller'>;

export async function publishAll(
  sns: Sns,
  topic: Topic,
  publications: readonly Publication[],
  publisher: Publisher,
): Promise<readonly Published[]> {
  const way = { key: await topicKey(sns, topic, publisher.caller), publicUrl: publisher.endpoint };
  refuseIfGone(topic);
  sns.deliveries.count(topic.arn, 'published', publications.length);
  return topic.isFifo ? publishInOrder(sns, topic, publications, way) : publishAtOnce(sns, topic, publications, way);
}

async function publishAtOnce(sns: Sns, topic: Topic, publications: readonly Publication[], way: Way) {
  const wanted = publications
    .map((publication) => ({ publication, subscriptions: subscriptionsFor(sns, topic, publication) }))
    .filter(({ subscriptions }) => subscriptions.length > 0);
  if (isLarge(wanted)) await sns.largeFanOuts.begin(topic, wanted, way);
  else if (wanted.length > 0) {
    const fanOuts = await Promise.all(
      wanted.map(({ publication, subscriptions }) => FanOut.prepare(sns, topic, publication, subscriptions, way)),
    );
    await sns.pace.enter(fanOuts.reduce((sum, { copies }) => sum + copies, 0));
    await sns.partition.inOneCommit((one) => {
      // All queues of all messages before the first of them is written to.
      for (const fanOut of fanOuts) fanOut.open(one);
      for (const [index, { publication }] of wanted.entries()) fanOuts[index]?.send(one, { publication });
    });
  }
  return publications.map(({ messageId }) => ({ MessageId: messageId }));
}

/**
 * The log knows duplicates and gives numbers; and one publish hands its messages to all queues before the next one's turn, so
 * that all queues have the same order.
 */
async function publishInOrder(sns: Sns, topic: Topic, publications: readonly Publication[], way: Way) {
  const endTurn = await takeTurn(topic);
  try {
    const log = await findLog(sns, topic.record);
    const fanOuts = await Promise.all(
      publications.map((publication) =>
        FanOut.prepare(sns, topic, publication, subscriptionsFor(sns, topic, publication), way),
      ),
    );
    const messages = publications.map((publication) => logMessage(publication, topic.record, way.key));
    const sent = await sns.partition.inOneCommit((one) => {
      for (const fanOut of fanOuts) fanOut.open(one);
      const { outcomes, durable } = log.accept(messages);
      // Who waits for the whole commit hears of its failure.
      durable.catch(() => undefined);
      for (const [index, { sequence, isDuplicate }] of outcomes.entries()) {
        if (isDuplicate) continue;
        const publication = required(publications[index], 'a publication');
        fanOuts[index]?.send(one, { publication, sequenceNumber: sequenceNumber(sequence) });
      }
      // The next one need not wait for the commit, which may be its own as well.
      endTurn();
      return outcomes;
    });
    return sent.map(({ messageId, sequence }) => ({
      MessageId: formatUuid(messageId),
      SequenceNumber: sequenceNumber(sequence),
    }));
  } finally {
    endTurn();
  }
}

/** Waits until nobody hands out messages of the FIFO topic; what it gives lets the next one begin. */
export async function takeTurn(topic: Topic): Promise<() => void> {
  const before = topic.lastFanOut;
  let endTurn: () => void = () => undefined;
  topic.lastFanOut = new Promise((resolve) => {
    endTurn = resolve;
  });
  await before;
  return endTurn;
}

export async function findLog({ partition }: Sns, topic: TopicRecord): Promise<QueueHandle> {
  const { accountId, region, name } = logPath(topic);
  const log = await partition.queue(accountId, region, name);
  // It is deleted with its topic alone.
  if (log === undefined) throw topicNotFound();
  return log;
}

/** Of a log: nobody receives from it, and without an archive a message is gone at once. */
export function logSettings(retentionMs: number) {
  return { visibilityTimeoutMs: 0, delayMs: 0, retentionMs, maxInFlight: 1, fifo: true as const };
}

function logMessage(publication: Publication, { attributes }: TopicRecord, key: DataKey | undefined): NewMessage {
  const { messageId, groupId = '', deduplicationId = '' } = publication;
  const isByGroup = attributes.FifoThroughputScope === 'MessageGroup';
  // Group ids have no NUL, so that no two pairs give one text.
  const unique = isByGroup ? `${groupId}\0${deduplicationId}` : deduplicationId;
  return {
    messageId: Buffer.from(messageId.replaceAll('-', ''), 'hex'),
    payload: attributes.ArchivePolicy === undefined ? Buffer.alloc(0) : sealed(key, publication),
    groupId,
    deduplicationKey: digestOf(unique),
  };
}

/** 20 digits that grow with each message, as AWS's do; these begin like AWS's, too. */
export function sequenceNumber(sequence: number): string {
  return `1${String(sequence).padStart(19, '0')}`;
}
