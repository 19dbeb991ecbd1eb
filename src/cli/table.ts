/** Text in columns, made to fit the window of whoever reads it. */

export interface Column {
  readonly title: string;
  /** Numbers stand at the right. */
  readonly isNumber?: true;
  /** May be cut down to so many columns of the screen, where all of it does not fit. */
  readonly minWidth?: number;
}

const gap = '  ';
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Characters that take two columns: East Asian ones, and pictures. */
const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u;

/** Lines without an end of line; nothing behind the last column. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => row.map(printable))];
  const widths = fittingWidths(columns, lines, width);
  const cells = (line: readonly string[]) =>
    columns.map(({ isNumber }, index) => pad(line[index] ?? '', widths[index] ?? 0, isNumber === true));
  return lines.map((line) => cells(line).join(gap).trimEnd()).join('\n');
}

/** Takes from the widest of the columns that may be cut, until the line fits or none can give more. */
function fittingWidths(columns: readonly Column[], lines: readonly (readonly string[])[], width: number): number[] {
  const widths = columns.map(({ minWidth }, index) => {
    if (width === Number.POSITIVE_INFINITY && index === columns.length - 1) return width;
    const most = minWidth === undefined ? Number.POSITIVE_INFINITY : Math.max(minWidth, width);
    // A body can be a megabyte, so no more of it is measured than could be shown.
    return Math.max(...lines.map((line) => Math.min(most, displayWidth((line[index] ?? '').slice(0, 4 * most)))));
  });
  const room = width - gap.length * (columns.length - 1);
  while (sum(widths) > room) {
    const candidates = columns.flatMap(({ minWidth }, index) =>
      minWidth !== undefined && (widths[index] ?? 0) > minWidth ? [index] : [],
    );
    const widest = candidates.sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0];
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** A width of Infinity is that of a last column that is shown whole, and so needs no measuring. */
function pad(cell: string, width: number, atTheRight: boolean): string {
  if (width === Number.POSITIVE_INFINITY) return cell;
  const cut = truncate(cell, width);
  const space = ' '.repeat(Math.max(0, width - displayWidth(cut)));
  return atTheRight ? space + cut : cut + space;
}

/** The text, or as much of it as fits, with an ellipsis. */
export function truncate(text: string, width: number): string {
  // Most texts are plain and short; only the others are taken apart.
  if (text.length * 2 <= width || displayWidth(text) <= width) return text;
  let cut = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += graphemeWidth(segment);
    if (used >= width) break;
    cut += segment;
  }
  return `${cut}…`;
}

export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment);
  return width;
}

function graphemeWidth(grapheme: string): number {
  return wide.test(grapheme) ? 2 : 1;
}

/** Everything that moves the cursor, switches colours or turns the direction of text: bodies come from strangers. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const active = /[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const names: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text in one line, with escapes for what a terminal would obey. */
export function printable(text: string): string {
  return text.replace(active, (character) => names[character] ?? escapeOf(character));
}

/** JSON in which nothing is left that a terminal would obey; a program reads the same from it. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(active, (character) =>
    character === '\n' ? character : escapeOf(character),
  );
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
