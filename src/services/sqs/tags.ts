import { invalidParameter } from './errors.ts';
import * as limits from './limits.ts';

/** Checks new tags beside those that a queue has. Lengths are in characters, as in the documentation of tags. */
export function checkTags(added: Readonly<Record<string, string>>, existing: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(added)) {
    if (key.length < 1 || key.length > limits.tagKeyLength) {
      throw invalidParameter(`Tag keys must be between 1 and ${limits.tagKeyLength} characters in length.`);
    }
    if (value.length > limits.tagValueLength) {
      throw invalidParameter(`Tag values must be between 0 and ${limits.tagValueLength} characters in length.`);
    }
    if (/^aws:/i.test(key)) throw invalidParameter("Tag keys can't begin with aws:, which is reserved.");
  }
  if (Object.keys({ ...existing, ...added }).length > limits.tags) {
    throw invalidParameter(`Too many tags added for queue: a queue can have ${limits.tags}.`);
  }
}
