/** The members of a text that is a JSON object of at most so many bytes; undefined of anything else. */
export function parseJsonMap(text: string, maxBytes: number): Readonly<Record<string, unknown>> | undefined {
  if (Buffer.byteLength(text) > maxBytes) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isJsonMap(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isJsonMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
