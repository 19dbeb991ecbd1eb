import { invalidParameter } from './errors.ts';
import * as limits from './limits.ts';

type Tags = Readonly<Record<string, string>>;

/** Checks new tags beside those that a queue has. Lengths are in characters, as in the documentation of tags. */
export function checkTags(added: Tags, queue: { readonly name: string; readonly tags: Tags }): void {
  for (const [key, value] of Object.entries(added)) {
    checkTagKey(key);
    if (value.length > limits.tagValueLength) {
      throw invalidParameter(`Tag values must be between 0 and ${limits.tagValueLength} characters in length.`);
    }
    if (/^aws:/i.test(key)) throw invalidParameter("Tag keys can't begin with aws:, which is reserved.");
  }
  if (Object.keys({ ...queue.tags, ...added }).length > limits.tags) {
    throw invalidParameter(`Too many tags added for queue ${queue.name}.`);
  }
}

export function checkTagKey(key: string): void {
  if (key.length < 1 || key.length > limits.tagKeyLength) {
    throw invalidParameter(`Tag keys must be between 1 and ${limits.tagKeyLength} characters in length.`);
  }
}
