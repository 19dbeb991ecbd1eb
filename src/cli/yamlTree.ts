/** A YAML document as a tree of texts, each with the line it stands in, so that a message can say where to look. */
import type { Document, LineCounter } from 'yaml';
import { SettingsError } from './setting.ts';

export type Tree =
  | { readonly kind: 'text'; readonly line: number; readonly text: string }
  | { readonly kind: 'list'; readonly line: number; readonly items: readonly Tree[] }
  | { readonly kind: 'map'; readonly line: number; readonly entries: readonly Entry[] };

export interface Entry {
  readonly key: string;
  readonly line: number;
  readonly value: Tree;
}

/** Undefined for a file without content. */
export async function parseYaml(path: string, source: string): Promise<Tree | undefined> {
  // Loaded here, because most starts have no configuration file and the package costs more than the rest of a start.
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  // Without YAML's own types every value stays as it was written: 000000000000 is an account, not a zero.
  const document = yaml.parseDocument(source, { schema: 'failsafe', lineCounter: lines, prettyErrors: false });
  const problem = document.errors[0];
  if (problem !== undefined) {
    throw new SettingsError(`${path}, line ${lines.linePos(problem.pos[0]).line}: ${problem.message}.`);
  }
  return document.contents === null ? undefined : toTree(yaml, document, lines, document.contents);
}

function toTree(yaml: typeof import('yaml'), document: Document, lines: LineCounter, node: unknown): Tree {
  const target = yaml.isAlias(node) ? node.resolve(document) : node;
  const convert = (child: unknown) => toTree(yaml, document, lines, child);
  const line = lineOf(lines, yaml.isNode(node) ? node.range : undefined);
  if (yaml.isMap(target)) {
    const entries = target.items.map(({ key, value }) => ({
      key: yaml.isScalar(key) ? String(key.value) : '',
      line: lineOf(lines, yaml.isNode(key) ? key.range : undefined),
      value: convert(value),
    }));
    return { kind: 'map', line, entries };
  }
  if (yaml.isSeq(target)) return { kind: 'list', line, items: target.items.map(convert) };
  return { kind: 'text', line, text: yaml.isScalar(target) ? String(target.value ?? '') : '' };
}

function lineOf(lines: LineCounter, range: readonly [number, ...number[]] | null | undefined): number {
  return lines.linePos(range?.[0] ?? 0).line;
}

/** A tree as JavaScript values, for the attributes whose text is JSON. */
export function toPlain(tree: Tree): unknown {
  if (tree.kind === 'text') return tree.text;
  if (tree.kind === 'list') return tree.items.map(toPlain);
  return Object.fromEntries(tree.entries.map(({ key, value }) => [key, toPlain(value)]));
}
