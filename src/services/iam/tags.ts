import type { Tag } from '#aws/generated/iam';
import { invalidInput, limitExceeded } from './errors.ts';
import { tagsPerEntity } from './limits.ts';

export type Tags = Readonly<Record<string, string>>;

/** Keys of users' and roles' tags are not told apart by case; those of policies are. */
export type KeyCase = 'insensitive' | 'sensitive';

const duplicateTexts: Readonly<Record<KeyCase, string>> = {
  insensitive: 'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
  sensitive: 'Duplicate tag keys found.',
};

/** `existing` with `added`; refuses keys that come twice, AWS's own prefix, and too many. */
export function withTags(existing: Tags, added: readonly Tag[] | undefined, keyCase: KeyCase): Tags {
  if (added === undefined) return existing;
  const fold = (key: string) => (keyCase === 'insensitive' ? key.toLowerCase() : key);
  const keys = added.map(({ Key }) => fold(Key));
  if (new Set(keys).size !== keys.length) throw invalidInput(duplicateTexts[keyCase]);
  if (keys.some((key) => key.toLowerCase().startsWith('aws:'))) {
    throw invalidInput('Tag keys that begin with aws: are reserved.');
  }
  const replaced = new Set(keys);
  const kept = Object.entries(existing).filter(([key]) => !replaced.has(fold(key)));
  const tags = Object.fromEntries([...kept, ...added.map(({ Key, Value }) => [Key, Value] as const)]);
  if (Object.keys(tags).length > tagsPerEntity) {
    throw limitExceeded(`The number of tags has reached the maximum limit: ${tagsPerEntity}`);
  }
  return tags;
}

/** A key that isn't there is no mistake. */
export function withoutTags(existing: Tags, keys: readonly string[], keyCase: KeyCase): Tags {
  const fold = (key: string) => (keyCase === 'insensitive' ? key.toLowerCase() : key);
  const removed = new Set(keys.map(fold));
  return Object.fromEntries(Object.entries(existing).filter(([key]) => !removed.has(fold(key))));
}

/** In the order of their keys. */
export function shownTags(tags: Tags): Tag[] {
  return Object.keys(tags)
    .sort()
    .map((Key) => ({ Key, Value: tags[Key] ?? '' }));
}
