import { MalformedPolicy, type Policy, type PolicyKind, parsePolicy } from '#access';
import { malformedPolicy } from './errors.ts';

/** The compiled policy; refuses a text that is none of its kind. */
export function checkPolicy(text: string, kind: PolicyKind): Policy {
  try {
    return parsePolicy(text, kind);
  } catch (error) {
    if (error instanceof MalformedPolicy) throw malformedPolicy(error.message);
    throw error;
  }
}

/** Quotas don't count white space. */
export function characterCount(document: string): number {
  return document.replace(/\s/g, '').length;
}

/** IAM shows policies in the encoding of URLs (RFC 3986); SDKs and tools decode them. */
export function shownDocument(document: string): string {
  return encodeURIComponent(document).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
