import type { Comparison } from './scenario.ts';
import { throughput } from './throughput.ts';

type Load = Parameters<typeof throughput>[2];

/** The first is what the others are held against. */
const queues: readonly (readonly [name: string, title: string, attributes: Readonly<Record<string, string>>])[] = [
  ['plain', 'plain', { SqsManagedSseEnabled: 'false' }],
  ['managed', "encrypted with the server's keys", { SqsManagedSseEnabled: 'true' }],
  ['kms', 'encrypted with a key of KMS', { KmsMasterKeyId: 'alias/aws/sqs' }],
];

function comparison(name: string, title: string, load: Load): Comparison {
  return {
    ...{ name, title, kind: 'rate', against: 'of the plain queue' },
    note: 'Bodies and attributes are encrypted at rest (AES-256-GCM); the data key is in memory but for its first use.',
    lines: queues.map(([suffix, lineTitle, attributes]) => ({
      ...throughput(`${name}/${suffix}`, lineTitle, { ...load, attributes }),
      needs: 'encryption',
    })),
  };
}

export const encryptionComparisons: readonly Comparison[] = [
  comparison('encrypted-send', 'Encryption: send 1 KiB, 64 connections', { kind: 'send', connections: 64 }),
  comparison('encrypted-batch', 'Encryption: send batches of 10 of 1 KiB, 64 connections', {
    ...{ kind: 'sendBatch', connections: 64 },
  }),
  comparison('encrypted-drain', 'Encryption: receive and delete batches of 10 from a filled queue, 16 connections', {
    ...{ kind: 'drain', connections: 16, preload: true },
  }),
];
