import { parseJsonMap } from '#std/jsonMap';
import { archiveBeginningMs } from './archivePolicy.ts';
import { invalidParameter } from './errors.ts';
import * as limits from './limits.ts';
import type { TopicRecord } from './records.ts';

/** What a ReplayPolicy asks for, in milliseconds since the epoch. */
export interface ReplayRange {
  readonly startingAt: number;
  readonly endingAt?: number;
}

/** `{"PointType":"Timestamp","StartingPoint":"2026-01-02T03:04:05Z"}`, and perhaps `EndingPoint`; undefined if empty: no replay. */
export function readReplayPolicy(
  text: string,
  topic: TopicRecord,
  now: number,
  prefix: string,
): ReplayRange | undefined {
  const refuse = (reason: string) => invalidParameter(`${prefix}ReplayPolicy: ${reason}`);
  if (text === '') return undefined;
  const policy = parseJsonMap(text, limits.policyBytes);
  if (policy === undefined) throw refuse('Unable to parse JSON');
  if (Object.keys(policy).length === 0) return undefined;
  const { PointType, StartingPoint, EndingPoint } = policy;
  if (PointType === undefined || StartingPoint === undefined) throw refuse('JSON is missing required fields');
  if (PointType !== 'Timestamp') throw refuse('Invalid PointType');
  const beginning = archiveBeginningMs(topic, now);
  if (beginning === undefined) throw refuse('Topic does not have an ArchivePolicy');
  const startingAt = readTime(StartingPoint);
  // A point is given to the second, as a rule, and the archive begins within one.
  if (!(startingAt <= now) || startingAt < Math.floor(beginning / 1000) * 1000) {
    throw refuse('Invalid StartingPoint value');
  }
  if (EndingPoint === undefined) return { startingAt };
  const endingAt = readTime(EndingPoint);
  if (!(endingAt >= startingAt && endingAt <= now)) throw refuse('Invalid EndingPoint value');
  return { startingAt, endingAt };
}

/** NaN if it is none. */
function readTime(value: unknown): number {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value) ? Date.parse(value) : Number.NaN;
}
