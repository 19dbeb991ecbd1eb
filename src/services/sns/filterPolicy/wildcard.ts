import * as limits from './limits.ts';

/**
 * A wildcard pattern as the pieces between its asterisks, each of which stands for any text, also none. A backslash
 * makes an asterisk or a backslash an ordinary character.
 */
export type WildcardReading = { readonly pieces: readonly string[] } | { readonly problem: string };

export function readWildcard(pattern: string): WildcardReading {
  const pieces = [''];
  // AWS counts bytes, and a quotation mark before them.
  const position = (index: number) => Buffer.byteLength(pattern.slice(0, index)) + 1;
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern.charAt(index);
    const next = pattern.charAt(index + 1);
    if (character === '*') {
      if (next === '*') return { problem: `Consecutive wildcard characters at pos ${position(index)}` };
      pieces.push('');
    } else if (character === '\\') {
      if (next !== '*' && next !== '\\') return { problem: `Invalid escape character at pos ${position(index)}` };
      pieces[pieces.length - 1] += next;
      index++;
    } else {
      pieces[pieces.length - 1] += character;
    }
  }
  return { pieces };
}

/** Each piece is taken as early as it comes: if any way matches, that one does. So no text makes it slow. */
export function matchesWildcard(pieces: readonly string[], text: string): boolean {
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  if (pieces.length === 1) return text === first;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let from = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const at = text.indexOf(piece, from);
    if (at === -1) return false;
    from = at + piece.length;
  }
  return from <= end;
}

/** What a pattern counts for: a point for its only asterisk, more for each of several. */
export function wildcardPoints(pieces: readonly string[]): number {
  const asterisks = pieces.length - 1;
  return asterisks <= 1 ? asterisks : asterisks * limits.pointsPerAsterisk;
}
