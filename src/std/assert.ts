/** A bug, never a user's mistake: rejections are values. Kept on in production, on both sides of a boundary. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

/** The value, asserted to be there. */
export function required<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new Error(`assertion failed: ${what} is missing`);
  return value;
}
