/**
 * Maps of which there are many and most are empty. An empty Map takes 180 bytes and two places in memory to look at, so all
 * empty ones are the same: one of their own is made for the first entry, and let go with the last.
 */
export const emptyMap: ReadonlyMap<never, never> = new Map<never, never>();

/** Puts an entry in; returns the map that has it, to be kept in place of the one given. */
export function withEntry<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key, value: Value): ReadonlyMap<Key, Value> {
  const own = map === emptyMap ? new Map<Key, Value>() : (map as Map<Key, Value>);
  return own.set(key, value);
}

/** Takes an entry out; returns the map that is left, to be kept in place of the one given. */
export function withoutEntry<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): ReadonlyMap<Key, Value> {
  if (map.size === 1 && map.has(key)) return emptyMap;
  (map as Map<Key, Value>).delete(key);
  return map;
}
