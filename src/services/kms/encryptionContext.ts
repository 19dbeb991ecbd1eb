/** The encryption context: pairs that are not secret, and without which nothing decrypts. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** One text for the same pairs in any order. JSON keeps names and values apart whatever is in them. */
export function canonicalContext(context: EncryptionContext = {}): string {
  const pairs = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return JSON.stringify(pairs);
}
