import { describe, expect, it } from 'vitest';
import { displayWidth, formatTable, printable, printableJson, truncate } from './table.ts';

const columns = [
  { title: 'NAME', minWidth: 4 },
  { title: 'COUNT', isNumber: true },
  { title: 'TEXT', minWidth: 6 },
] as const;

describe('a table', () => {
  it('has its columns aligned, numbers at the right, and nothing behind the last', () => {
    const rows = [
      ['a', '1', 'x'],
      ['long-name', '1,200', ''],
    ];
    expect(formatTable(columns, rows, 80).split('\n')).toEqual([
      'NAME       COUNT  TEXT',
      'a              1  x',
      'long-name  1,200',
    ]);
  });

  it('is cut to the window, the widest column first', () => {
    const rows = [['abcdefghij', '5', 'a text that is much too long for the window']];
    for (const width of [30, 26, 20]) {
      const lines = formatTable(columns, rows, width).split('\n');
      expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width);
    }
    expect(formatTable(columns, rows, 34).split('\n')[1]).toBe('abcdefghij      5  a text that is…');
    expect(formatTable(columns, rows, 20).split('\n')[1]).toBe('abcd…      5  a tex…');
  });

  it('keeps what no window holds at the least widths', () => {
    const rows = [['abcdefghij', '5', 'a text']];
    expect(formatTable(columns, rows, 5).split('\n')[1]).toBe('abc…      5  a text');
  });

  it('is whole where there is no window', () => {
    const text = 'x'.repeat(5000);
    expect(formatTable(columns, [['a', '1', text]], Number.POSITIVE_INFINITY)).toContain(text);
  });

  it('stays aligned under characters of two columns, and under those of none', () => {
    const lines = formatTable(
      columns,
      [
        ['日本', '1', 'x'],
        ['e\u0301te', '1', 'y'],
        ['🎉🎉', '1', 'z'],
      ],
      80,
    ).split('\n');
    expect(lines).toEqual(['NAME  COUNT  TEXT', '日本      1  x', 'e\u0301te       1  y', '🎉🎉      1  z']);
  });
});

describe('text for a terminal', () => {
  it('is cut between characters', () => {
    expect(truncate('abcdef', 6)).toBe('abcdef');
    expect(truncate('abcdef', 5)).toBe('abcd…');
    expect(truncate('日本語', 5)).toBe('日本…');
    expect(truncate('日本語', 4)).toBe('日…');
    expect(truncate('👩‍👩‍👧‍👦 family', 4)).toBe('👩‍👩‍👧‍👦 …');
  });

  it('has nothing in it that a terminal obeys', () => {
    expect(printable('a\nb\r\tc')).toBe('a\\nb\\r\\tc');
    expect(printable('\x1b[2J\x9b2J\u202e')).toBe('\\u001b[2J\\u009b2J\\u202e');
    const json = printableJson({ a: ['\x1b\x7f\x9b\u2028'] });
    expect(json).toBe('{\n  "a": [\n    "\\u001b\\u007f\\u009b\\u2028"\n  ]\n}');
    expect(JSON.parse(json)).toEqual({ a: ['\x1b\x7f\x9b\u2028'] });
  });
});
