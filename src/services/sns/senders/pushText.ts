/** What pushes have in common: the payload as JSON, if it is any, and the attributes of a message that are meant for them. */
import type { Delivery } from '../delivery.ts';

export type JsonObject = { readonly [name: string]: unknown };

export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `AWS.SNS.MOBILE.APNS.TTL`, for one of the platform's names. */
export function mobileAttribute(
  { attributes }: Pick<Delivery, 'attributes'>,
  platforms: readonly string[],
  name: string,
): string | undefined {
  const found = platforms.map((platform) => attributes[`AWS.SNS.MOBILE.${platform}.${name}`]?.Value);
  return found.find((value) => value !== undefined && value !== '');
}

/** Seconds, or undefined for what is no number. */
export function timeToLive(delivery: Pick<Delivery, 'attributes'>, platforms: readonly string[]): number | undefined {
  const given = mobileAttribute(delivery, platforms, 'TTL');
  return given !== undefined && /^\d{1,9}$/.test(given) ? Number(given) : undefined;
}

/** Push services take texts only as custom data. */
export function textsOf(data: unknown): Record<string, string> {
  if (!isObject(data)) return {};
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
