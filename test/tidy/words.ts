/** Words and constructs that the style bans, each with the sentence to show for it. */
import { lineAt, type SourceFile } from './repository.ts';

export interface Finding {
  readonly line: number;
  readonly what: string;
}

interface Ban {
  readonly pattern: RegExp;
  readonly what: string;
  readonly applies: (file: SourceFile) => boolean;
}

const declaration = /\b(?:class|interface|type|enum|function|const|let)\s+([\w$]+)/g;
const emptyWord =
  /(?:^|[a-z0-9_$])(?:Manager|Helpers?|Utils?|Common)(?![a-z])|^(?:manager|helpers?|utils?|common)(?![a-z])/;

const bans: readonly Ban[] = [
  {
    pattern: /(?::|<|\bas|\||&|=>|,)\s*any\b(?!\s*[:(])/g,
    what: 'the type any; a codec that needs it says why in a comment that begins with "codec:"',
    applies: (file) => !/\bcodec:/.test(file.comments),
  },
  {
    pattern: /\b(?:describe|suite|it|test|bench)(?:\.\w+)*\.(?:only|skip|todo)\b/g,
    what: 'a test that is left out, or that leaves out others',
    applies: (file) => file.isTest,
  },
  {
    pattern: /\bexport\s+default\b/g,
    what: 'a default export; exports have names',
    applies: (file) => !file.path.endsWith('.config.ts'),
  },
  {
    pattern: /\bconsole\s*\./g,
    what: 'console; only the command line talks to the terminal, everything else logs',
    applies: ({ path }) => path !== 'src/main.ts' && !/^(?:src\/cli|bench|scripts|\.ci)\//.test(path),
  },
  {
    pattern: /\bnew Promise\b[^;]*?\bsetTimeout\s*\(|\b(?:sleep|delay)\s*\(|\bawait setTimeout\s*\(/g,
    what: 'a test that sleeps; wait for the event, move a clock, or say why not in a comment that begins with "real time:"',
    applies: (file) => file.path.endsWith('.test.ts') && !/\breal time:/.test(file.comments),
  },
  {
    pattern: /\bDate\.now\b|\bnew Date\b|\bMath\.random\b|\bperformance\.now\b|\bprocess\./g,
    what: 'a clock, chance or the process in an engine; they come in with the command',
    applies: isEngine,
  },
  {
    pattern: /\basync\b|\bawait\b|\bPromise\b|\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/g,
    what: 'something asynchronous in an engine; a step returns effects',
    applies: isEngine,
  },
];

export function bannedConstructs(file: SourceFile): Finding[] {
  const found = bans
    .filter((ban) => ban.applies(file))
    .flatMap(({ pattern, what }) =>
      [...file.code.matchAll(pattern)].map(({ index }) => ({ line: lineAt(file.text, index), what })),
    );
  const modules = isEngine(file) ? file.imports.filter(({ specifier }) => specifier.startsWith('node:')) : [];
  return [...found, ...modules.map(({ line, specifier }) => ({ line, what: `${specifier} in an engine` }))];
}

export function bannedNames(file: SourceFile): Finding[] {
  const names = [...file.code.matchAll(declaration)].map((match) => ({
    keyword: match[0].split(/\s/)[0],
    name: match[1] ?? '',
    line: lineAt(file.text, match.index),
  }));
  const pathWords = file.path.replace(/\.[^/]*$/, '').split(/[/.-]/);
  const found = pathWords.filter(isEmptyWord).map((word) => ({ line: 1, what: `the word ${word} in the path` }));
  for (const { keyword, name, line } of names) {
    const isServiceClass = keyword === 'class' && name.endsWith('Service');
    if (isEmptyWord(name) || isServiceClass)
      found.push({ line, what: `the name ${name} says nothing: name what it does` });
  }
  return found;
}

export function isEmptyWord(name: string): boolean {
  return emptyWord.test(name);
}

function isEngine(file: SourceFile): boolean {
  return file.path.startsWith('src/engines/') && !file.isTest;
}
