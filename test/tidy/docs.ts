/** The links and the paths that the documentation names. */
import { dirname, posix } from 'node:path';

export interface Reference {
  readonly line: number;
  readonly target: string;
}

/** `[text](target)`, without those to other sites. */
export function linksOf(markdown: string): Reference[] {
  return find(withoutCode(markdown), /\]\(([^)\s]+)[^)]*\)/g).filter(({ target }) => !/^[a-z]+:/.test(target));
}

/** Paths in backticks that begin with a folder of the repository and end as a file or a folder does. */
export function pathsOf(markdown: string, folders: ReadonlySet<string>): Reference[] {
  return find(markdown, /`([\w.-]+\/[\w./-]*(?:\/|\.[a-z]+))`/g).filter(({ target }) =>
    folders.has(target.split('/')[0] ?? ''),
  );
}

/** The repository's path that a link leads to, without its anchor; undefined for an anchor in the same page. */
export function linkTarget(page: string, target: string): string | undefined {
  const path = decodeURI(target.split('#')[0] ?? '');
  if (path === '') return undefined;
  return path.startsWith('/') ? path.slice(1) : posix.join(dirname(page), path);
}

/** The anchors of a page's headings, as GitHub forms them. */
export function anchorsOf(markdown: string): Set<string> {
  const headings = [...withoutCode(markdown).matchAll(/^#+\s+(.*)$/gm)].map((match) => match[1] ?? '');
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  );
}

function find(text: string, pattern: RegExp): Reference[] {
  return [...text.matchAll(pattern)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    target: match[1] ?? '',
  }));
}

/** Blocks of code keep their lines, so that a line's number stays what it was. */
function withoutCode(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, (block) => block.replace(/[^\n]/g, ' '));
}
