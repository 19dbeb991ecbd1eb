/**
 * Reads TypeScript just well enough for rules of style: which characters are code, what is imported, where functions begin
 * and end. The native compiler offers no syntax tree to JavaScript, and Biome keeps the layout that this relies on.
 */

export interface Blanked {
  /** The text with spaces for everything in comments, quotes, templates and regular expressions; same length and lines. */
  readonly code: string;
  /** The text with spaces for everything that is not in a comment. */
  readonly comments: string;
}

export interface FunctionSpan {
  readonly line: number;
  readonly lineCount: number;
  readonly head: string;
  readonly body: string;
}

/** A slash after one of these begins a regular expression; after anything else it divides. */
const beforeExpression = /(?:^|[(,=:[!&|?{;+\-*%<>~^]|\b(?:return|typeof|case|in|of|await|yield))$/;

export function blank(text: string): Blanked {
  const code = Array.from({ length: text.length }, (_, index) => text.charAt(index));
  const comments = code.map((character): string => (character === '\n' ? '\n' : ' '));
  /** How many braces are open inside each `${` that encloses this place. */
  const substitutions: number[] = [];
  for (let at = 0, end = 0; at < text.length; at = end) {
    const character = text.charAt(at);
    const open = substitutions.at(-1);
    end = at + 1;
    if (character === '/' && /[/*]/.test(text.charAt(at + 1))) {
      end = endOfComment(text, at);
      for (let i = at; i < end; i += 1) comments[i] = text.charAt(i);
      erase(code, at, end);
    } else if (character === "'" || character === '"') {
      end = endOfQuoted(text, at, character);
      erase(code, at + 1, end - 1);
    } else if (character === '/' && beforeExpression.test(lastCode(code, at))) {
      end = endOfRegExp(text, at);
      erase(code, at + 1, end - 1);
    } else if (character === '`' || (character === '}' && open === 0)) {
      if (character === '}') substitutions.pop();
      end = endOfTemplatePart(text, at);
      const opensSubstitution = text.charAt(end - 1) === '{';
      if (opensSubstitution) substitutions.push(0);
      // The backticks stay; the braces of a substitution go, and the code between them is code.
      erase(code, character === '`' ? at + 1 : at, opensSubstitution ? end : end - 1);
    } else if (open !== undefined && (character === '{' || character === '}')) {
      substitutions[substitutions.length - 1] = open + (character === '{' ? 1 : -1);
    }
  }
  return { code: code.join(''), comments: comments.join('') };
}

function erase(code: string[], from: number, to: number): void {
  for (let i = from; i < to; i += 1) if (code[i] !== '\n') code[i] = ' ';
}

/** The last few characters of code before `at`. */
function lastCode(code: readonly string[], at: number): string {
  let end = at;
  while (end > 0 && /\s/.test(code[end - 1] ?? '')) end -= 1;
  return code.slice(Math.max(0, end - 10), end).join('');
}

function endOfComment(text: string, at: number): number {
  const isLine = text.charAt(at + 1) === '/';
  const end = text.indexOf(isLine ? '\n' : '*/', at + 2);
  if (end === -1) return text.length;
  return isLine ? end : end + 2;
}

function endOfQuoted(text: string, at: number, quote: string): number {
  for (let i = at + 1; i < text.length; i += 1) {
    if (text.charAt(i) === '\\') i += 1;
    else if (text.charAt(i) === quote) return i + 1;
  }
  return text.length;
}

function endOfRegExp(text: string, at: number): number {
  let inClass = false;
  for (let i = at + 1; i < text.length; i += 1) {
    const character = text.charAt(i);
    if (character === '\\') i += 1;
    else if (character === '[') inClass = true;
    else if (character === ']') inClass = false;
    else if (character === '/' && !inClass) return i + 1;
  }
  return text.length;
}

/** From a backtick, or from the brace that ends a substitution, to the next one of either. */
function endOfTemplatePart(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i += 1) {
    if (text.charAt(i) === '\\') i += 1;
    else if (text.charAt(i) === '`') return i + 1;
    else if (text.charAt(i) === '$' && text.charAt(i + 1) === '{') return i + 2;
  }
  return text.length;
}

/** The specifiers of `import`, `export ... from`, `import()` and `new URL('./...')`. */
export function importsOf(text: string, code: string): { specifier: string; line: number }[] {
  const found = [];
  for (const match of code.matchAll(/\b(?:from\s*|import\s*\(?\s*|new URL\(\s*)(['"])/g)) {
    const start = match.index + match[0].length;
    const specifier = text.slice(start, text.indexOf(match[1] ?? "'", start));
    if (match[0].startsWith('new') && !/^\.\.?\/.*\.ts$/.test(specifier)) continue;
    found.push({ specifier, line: text.slice(0, start).split('\n').length });
  }
  return found;
}

/** Every function whose body spans lines, those inside of others too. A body opens with the last brace of its line. */
export function functionsOf(code: string): FunctionSpan[] {
  const lines = code.split('\n');
  // By the line of the head: where a type in the head opens braces of its own, the last one is the body.
  const spans = new Map<number, FunctionSpan>();
  let offset = 0;
  for (const [index, line] of lines.entries()) {
    const brace = offset + line.trimEnd().length - 1;
    offset += line.length + 1;
    if (!line.trimEnd().endsWith('{')) continue;
    const first = firstLineOfHead(lines, index);
    const head = lines
      .slice(first, index + 1)
      .join(' ')
      .replace(/\s+/g, ' ')
      .trim();
    if (!isFunctionHead(head)) continue;
    const body = code.slice(brace, endOfBlock(code, brace));
    spans.set(first, { line: first + 1, lineCount: index - first + body.split('\n').length, head, body });
  }
  return [...spans.values()];
}

/** A head over several lines ends with one that begins with a closing bracket, under the line that it began with. */
function firstLineOfHead(lines: readonly string[], last: number): number {
  const indent = indentOf(lines[last] ?? '');
  let first = last;
  while (first > 0 && /^\s*[)\]}>](?!\s*(?:else|catch|finally|while)\b)/.test(lines[first] ?? '')) {
    do first -= 1;
    while (first > 0 && (indentOf(lines[first] ?? '') > indent || (lines[first] ?? '').trim() === ''));
  }
  return first;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

const statement = /^(?:\} )?(?:if|else|for|while|switch|do|try|catch|finally|case|default|class|interface|enum)\b/;
const method =
  /^(?:(?:public|private|protected|static|async|override|get|set) |\* ?)*[#\w$]+ ?(?:<.*>)?\(.*\) ?(?::.*)?\{$/;

function isFunctionHead(head: string): boolean {
  if (/=> ?\{$/.test(head) || /\bfunction\b/.test(head)) return true;
  return !statement.test(head) && method.test(head);
}

function endOfBlock(code: string, brace: number): number {
  let depth = 0;
  for (let i = brace; i < code.length; i += 1) {
    if (code.charAt(i) === '{') depth += 1;
    else if (code.charAt(i) === '}') depth -= 1;
    if (depth === 0) return i + 1;
  }
  return code.length;
}
