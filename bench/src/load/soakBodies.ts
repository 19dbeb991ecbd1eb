import { messageBody } from './requests.ts';

const shortest = 100;
const spread = 1_400;
/** One message in so many is large. */
const largeEvery = 4_096;
const largeBytes = 60_000;
const text = messageBody(largeBytes + spread);

/**
 * A body is known from its label, to the last byte: `label` has only characters that JSON does not escape, and no space.
 * Sizes and bytes differ from message to message, so that no body can stand for another.
 */
export function bodyOf(label: string): string {
  const seed = hash(label);
  const bytes = seed % largeEvery === 0 ? largeBytes : shortest + (seed % spread);
  const from = (seed >>> 12) % 45;
  return `${label} ${text.slice(from, from + bytes)}`;
}

/** The label of a body, or undefined if it is not the body of its label. */
export function labelOf(body: string): string | undefined {
  const label = body.slice(0, body.indexOf(' '));
  return bodyOf(label) === body ? label : undefined;
}

/** FNV-1a. */
function hash(label: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < label.length; index++) {
    value = Math.imul(value ^ label.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
