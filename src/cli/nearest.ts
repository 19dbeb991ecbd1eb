/** The name in `names` that someone who typed `typed` most likely meant, if one is near enough to suggest. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  // A third of the letters may be wrong: enough for a slip, too few for another word.
  let bestDistance = Math.ceil(plain(typed).length / 3) + 1;
  for (const name of names) {
    const distance = editDistance(plain(typed), plain(name));
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** `dataDir`, `data_dir` and `DATA-DIR` are the same word, spelled by another convention. */
function plain(name: string): string {
  return name.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
}

/** How many letters must be inserted, removed or replaced to make one of the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
