import type { Tag } from '#aws/generated/sns';
import { invalidParameter, tagLimitExceeded } from './errors.ts';
import * as limits from './limits.ts';
import type { AttributeMap } from './records.ts';

/** The lengths of keys and values are the model's constraints, and checked at the edge. */
export function readTags(tags: readonly Tag[] = []): AttributeMap {
  const read: Record<string, string> = Object.create(null);
  for (const { Key, Value } of tags) {
    if (Key in read) throw invalidParameter('Duplicated keys are not allowed.');
    if (/^aws:/i.test(Key)) throw invalidParameter("Tag keys can't begin with aws:, which is reserved.");
    read[Key] = Value;
  }
  return { ...read };
}

export function addTags(existing: AttributeMap, added: AttributeMap): AttributeMap {
  const all = { ...existing, ...added };
  if (Object.keys(all).length > limits.tags) throw tagLimitExceeded();
  return all;
}

export function shownTags(tags: AttributeMap): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
