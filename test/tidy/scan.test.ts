import { describe, expect, it } from 'vitest';
import { blank, functionsOf, importsOf } from './scan.ts';

describe('blank', () => {
  it.each([
    ["const a = 'x{'; // b {", "const a = '  ';       "],
    ['const a = "\\"{";', 'const a = "   ";'],
    ['/* { */ a / b / c', '        a / b / c'],
    ['a = /[/{]\\/{/g.test(b)', 'a = /       /g.test(b)'],
    ['f(/{/)', 'f(/ /)'],
    ['return /{/', 'return / /'],
    ['x = (a) / b; // {', 'x = (a) / b;     '],
    [`f(\`a{ \${b({ c: \`{\` })} }\`)`, 'f(`     b({ c: ` ` })   `)'],
    ["'a' // it's", "' '        "],
  ])('%s', (text, code) => {
    expect(blank(text).code).toBe(code);
  });

  it('keeps lines, and the comments apart', () => {
    const { code, comments } = blank('a; // why\n`x\ny`;');
    expect(code).toBe('a;       \n` \n `;');
    expect(comments).toBe('   // why\n  \n   ');
  });
});

describe('importsOf', () => {
  it('finds every form, and none in comments and texts', () => {
    const text = `import a from './a.ts';
import './b.ts';
export { c } from "#c";
import type {
  D,
} from './d.ts';
const e = await import('./e.ts');
new Worker(new URL('./f.ts', import.meta.url));
new URL('../data/', import.meta.url);
// import './no.ts'
const g = "import './no.ts'";
Array.from('no');
`;
    expect(importsOf(text, blank(text).code)).toEqual([
      { specifier: './a.ts', line: 1 },
      { specifier: './b.ts', line: 2 },
      { specifier: '#c', line: 3 },
      { specifier: './d.ts', line: 6 },
      { specifier: './e.ts', line: 7 },
      { specifier: './f.ts', line: 8 },
    ]);
  });
});

describe('functionsOf', () => {
  function lengths(text: string): [number, number][] {
    return functionsOf(blank(text).code).map(({ line, lineCount }) => [line, lineCount]);
  }

  it.each<[string, string, [number, number][]]>([
    ['a function', 'function a() {\n  b;\n}\n', [[1, 3]]],
    ['an arrow function', 'const a = (b) => {\n};\n', [[1, 2]]],
    ['a head over lines', 'x;\nexport async function a(\n  b: B,\n): Promise<void> {\n  c;\n}\n', [[2, 5]]],
    ['a type with braces in the head', 'function a(b: {\n  c: 1;\n}): {\n  d: 2;\n} {\n  e;\n}\n', [[1, 7]]],
    [
      'methods',
      'class A {\n  get b(): B {\n  }\n  async #c<T>(d: T) {\n  }\n}\n',
      [
        [2, 2],
        [4, 2],
      ],
    ],
    [
      'one in another',
      'function a() {\n  b(() => {\n  });\n}\n',
      [
        [1, 4],
        [2, 2],
      ],
    ],
    ['after a template', 'function a() {\n  b(`\n{\n`);\n}\n', [[1, 5]]],
    ['no statements', 'if (a(b)) {\n} else if (c()) {\n}\nfor (;;) {\n}\nswitch (a(b)) {\n}\n', []],
    ['no objects and types', 'const a = {\n};\nb(c).d({\n});\ninterface E {\n}\n', []],
  ])('%s', (_name, text, expected) => {
    expect(lengths(text)).toEqual(expected);
  });
});
