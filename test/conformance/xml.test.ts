import { describe, expect, it } from 'vitest';
import { parseXml } from './xml.ts';

describe('the parser of answers', () => {
  it('reads elements, attributes, text and references', () => {
    const parsed = parseXml('<?xml version="1.0"?>\n<a x="1&amp;2"><b/><c>&lt;&#xD;&#10;&quot;&gt;</c></a>\n');
    expect(parsed).toEqual({
      name: 'a',
      attributes: { x: '1&2' },
      text: '',
      children: [
        { name: 'b', attributes: {}, children: [], text: '' },
        { name: 'c', attributes: {}, children: [], text: '<\r\n">' },
      ],
    });
  });

  it('reads a bare carriage return as a line feed, as XML demands', () => {
    expect(parseXml('<a>1\r2\r\n3</a>').text).toBe('1\n2\n3');
  });

  it.each(['', '<a>', '<a></b>', '<a/><b/>', '<a>&nothing;</a>', '<a>& b</a>', '<a b></a>', '<a><!-- no --></a>'])(
    'refuses %s',
    (text) => {
      expect(() => parseXml(text)).toThrow();
    },
  );
});
