import { type Glob, GlobBuilder } from './glob.ts';
import type { PolicyVersion } from './policy.ts';
import { type ContextKey, contextKey, type RequestView } from './requestView.ts';

/** A part of a text: characters that may be wildcards, characters that never are, or what a key of the request says. */
type Piece =
  | { readonly kind: 'pattern'; readonly text: string }
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable'; readonly key: ContextKey; readonly fallback: string | undefined };

export interface Template {
  readonly pieces: readonly Piece[];
  readonly variables: readonly ContextKey[];
}

/** What may stand between the braces: a character that needs to be escaped, or a key, perhaps with a text to fall back on. */
const defaultText = /^'([^']*)'$/;

/**
 * `${key}`, `${key, 'text'}`, `${*}`. Policies of the older version have no variables: there `${` is just two characters.
 * It looks for the ends first, so that it reads a text of a thousand beginnings once, and not a thousand times.
 */
export function parseTemplate(text: string, version: PolicyVersion): Template {
  const pieces: Piece[] = [];
  const addText = (from: string): void => {
    if (from !== '') pieces.push({ kind: 'pattern', text: from });
  };
  let read = 0;
  let plainFrom = 0;
  while (version === '2012-10-17') {
    const close = text.indexOf('}', read);
    if (close === -1) break;
    const span = text.slice(read, close);
    const open = span.lastIndexOf('${');
    const piece = open === -1 ? undefined : parsePlaceholder(span.slice(open + 2));
    if (piece !== undefined) {
      addText(text.slice(plainFrom, read + open));
      pieces.push(piece);
      plainFrom = close + 1;
    }
    read = close + 1;
  }
  addText(text.slice(plainFrom));
  return templateOf(pieces);
}

function parsePlaceholder(inside: string): Piece | undefined {
  if (inside === '*' || inside === '?' || inside === '$') return { kind: 'literal', text: inside };
  const comma = inside.indexOf(',');
  const key = (comma === -1 ? inside : inside.slice(0, comma)).trim();
  if (key === '' || inside.includes('{')) return undefined;
  if (comma === -1) return { kind: 'variable', key: contextKey(key), fallback: undefined };
  const [, fallback] = defaultText.exec(inside.slice(comma + 1).trim()) ?? [];
  return fallback === undefined ? undefined : { kind: 'variable', key: contextKey(key), fallback };
}

/** The parts between the colons of an ARN, as many as `max` of them; the colon of a variable's name divides nothing. */
export function splitTemplate({ pieces }: Template, max: number): readonly Template[] {
  const parts: Piece[][] = [[]];
  for (const piece of pieces) {
    if (piece.kind !== 'pattern') parts.at(-1)?.push(piece);
    else {
      const room = max - parts.length;
      const texts = piece.text.split(':');
      const divided = texts.length > room + 1 ? [...texts.slice(0, room), texts.slice(room).join(':')] : texts;
      for (const [index, text] of divided.entries()) {
        if (index > 0) parts.push([]);
        parts.at(-1)?.push({ kind: 'pattern', text });
      }
    }
  }
  return parts.map(templateOf);
}

function templateOf(pieces: readonly Piece[]): Template {
  return { pieces, variables: pieces.flatMap((piece) => (piece.kind === 'variable' ? [piece.key] : [])) };
}

/** The text, wildcards being plain characters; undefined when the request lacks a key. */
export function expandText({ pieces }: Template, view: RequestView | undefined): string | undefined {
  let text = '';
  for (const piece of pieces) {
    const part = piece.kind === 'variable' ? variableText(piece, view) : piece.text;
    if (part === undefined) return undefined;
    text += part;
  }
  return text;
}

export type GlobOf = (view: RequestView | undefined) => Glob | undefined;

/** The pattern; undefined when the request lacks a key. What a variable says is never a wildcard. */
export function compileGlob({ pieces }: Template, ofArn: boolean): GlobOf {
  const builder = new GlobBuilder(ofArn);
  const parts = pieces.map((piece, index) => {
    if (piece.kind === 'variable') return piece;
    if (piece.kind === 'literal') builder.literal(piece.text);
    else builder.pattern(piece.text, index === pieces.length - 1);
    return builder.take();
  });
  return (view) => {
    const glob: number[] = [];
    for (const part of parts) {
      if ('kind' in part) {
        const text = variableText(part, view);
        if (text === undefined) return undefined;
        for (let at = 0; at < text.length; at++) glob.push(text.charCodeAt(at));
      } else for (const code of part) glob.push(code);
    }
    return glob;
  };
}

/** Several values at once are no value: it would be unclear which of them is meant. */
function variableText(
  { key, fallback }: { readonly key: ContextKey; readonly fallback: string | undefined },
  view: RequestView | undefined,
): string | undefined {
  const value = view?.valueOf(key);
  return typeof value === 'string' ? value : fallback;
}
