/** The archive of a FIFO topic: how long its messages stay in its log, and from when they can be replayed. */

import { parseJsonMap } from '#std/jsonMap';
import { invalidParameter } from './errors.ts';
import * as limits from './limits.ts';
import type { AttributeMap, TopicRecord } from './records.ts';

const dayMs = 86_400_000;

/** `{"MessageRetentionPeriod":"30"}`, in days; an empty one ends the archive. */
export function checkArchivePolicy(text: string, name: string, prefix: string): string {
  if (text === '') return '';
  const policy = parseJsonMap(text, limits.policyBytes);
  if (policy === undefined) throw invalidParameter(`${prefix}${name}: Unable to parse JSON`);
  if (Object.keys(policy).length === 0) return '';
  const { MessageRetentionPeriod: days } = policy;
  if (days === undefined) throw invalidParameter(`${prefix}${name}: JSON is missing required fields`);
  const { min, max } = limits.archiveDays;
  const count = typeof days === 'string' && /^\d{1,3}$/.test(days) ? Number(days) : days;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < min || count > max) {
    throw invalidParameter(`${prefix}${name}: MessageRetentionPeriod value is invalid`);
  }
  return text;
}

/** How long messages stay in a topic's log: not at all without an archive. */
export function archiveMs(attributes: AttributeMap): number {
  const { ArchivePolicy: text } = attributes;
  if (text === undefined) return 0;
  const { MessageRetentionPeriod } = JSON.parse(text) as { MessageRetentionPeriod: string | number };
  return Number(MessageRetentionPeriod) * dayMs;
}

/** The earliest moment from which messages can be replayed. */
export function archiveBeginningMs({ attributes, archivedSince }: TopicRecord, now: number): number | undefined {
  if (archivedSince === undefined) return undefined;
  return Math.max(archivedSince, now - archiveMs(attributes));
}

/** The same as AWS shows it. */
export function archiveBeginning(record: TopicRecord, now: number): string | undefined {
  const beginning = archiveBeginningMs(record, now);
  return beginning === undefined ? undefined : new Date(beginning).toISOString();
}
