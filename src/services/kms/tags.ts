import type { Tag } from '#aws/generated/kms';
import { invalidTag, limitExceeded } from './errors.ts';
import * as limits from './limits.ts';

export type TagMap = Readonly<Record<string, string>>;

/** The lengths of keys and values are the model's constraints, and checked at the edge. */
export function readTags(tags: readonly Tag[] = []): TagMap {
  const read = new Map<string, string>();
  for (const { TagKey, TagValue } of tags) {
    if (read.has(TagKey)) throw invalidTag('Duplicate tag keys');
    checkTagKey(TagKey);
    read.set(TagKey, TagValue);
  }
  return Object.fromEntries(read);
}

export function checkTagKey(key: string): void {
  if (/^aws:/i.test(key)) throw invalidTag('Tags beginning with aws: are reserved');
}

export function addTags(existing: TagMap, added: TagMap): TagMap {
  const all = { ...existing, ...added };
  if (Object.keys(all).length > limits.tags) throw limitExceeded('Too many tags');
  return all;
}
