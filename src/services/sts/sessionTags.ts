import type { RequestContext, SessionPrincipal } from '#access';
import type { Tag } from '#aws/generated/sts';
import { invalidParameterValue } from './errors.ts';

export interface SessionTags {
  /** Those that were asked for. */
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveKeys: readonly string[];
  /** Those that come from the calling session. */
  readonly inherited: Readonly<Record<string, string>>;
}

interface TagInput {
  readonly Tags?: readonly Tag[] | undefined;
  readonly TransitiveTagKeys?: readonly string[] | undefined;
}

const tagPrefix = 'aws:PrincipalTag/';

/** Keys are not told apart by case. */
export function checkSessionTags(
  { Tags = [], TransitiveTagKeys = [] }: TagInput,
  caller: SessionPrincipal,
): SessionTags {
  const keys = new Set(Tags.map(({ Key }) => Key.toLowerCase()));
  if (keys.size < Tags.length) {
    throw invalidParameterValue('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  if (!TransitiveTagKeys.every((key) => keys.has(key.toLowerCase()))) {
    throw invalidParameterValue('The specified transitive tag key must be included in the requested tags.');
  }
  const inherited = inheritedTags(caller);
  if (Object.keys(inherited).some((key) => keys.has(key.toLowerCase()))) {
    throw invalidParameterValue(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  }
  const tags = Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
  return { tags, transitiveKeys: [...TransitiveTagKeys, ...Object.keys(inherited)], inherited };
}

function inheritedTags({ context, transitiveTagKeys = [] }: SessionPrincipal): Record<string, string> {
  const values = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  return Object.fromEntries(
    transitiveTagKeys.map((key) => [key, String(values.get(`${tagPrefix}${key}`.toLowerCase()) ?? '')]),
  );
}

/** What a request with these tags is decided by. */
export function requestTagKeys({ tags, transitiveKeys }: SessionTags): RequestContext {
  const keys = Object.keys(tags);
  return {
    ...Object.fromEntries(keys.map((key) => [`aws:RequestTag/${key}`, tags[key] ?? ''])),
    ...(keys.length > 0 && { 'aws:TagKeys': keys }),
    ...(transitiveKeys.length > 0 && { 'sts:TransitiveTagKeys': transitiveKeys }),
  };
}

/** What the session's own requests are decided by. */
export function principalTagKeys({ tags, inherited }: SessionTags): RequestContext {
  const all = Object.entries({ ...inherited, ...tags });
  return Object.fromEntries(all.map(([key, value]) => [`${tagPrefix}${key}`, value]));
}
