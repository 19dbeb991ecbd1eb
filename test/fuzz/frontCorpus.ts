/**
 * Connections that must not change their meaning: what was found by the fuzz of the front, and what is known to smuggle
 * requests past one of two parsers. The statuses are those of all answers, in their order; `front` says how many requests
 * the front takes by itself.
 */
export interface CorpusRow {
  readonly what: string;
  readonly bytes: string;
  readonly statuses: string;
  readonly front: number;
}

const host = 'POST / HTTP/1.1\r\nHost: h\r\n';
const next = `${host}Content-Length: 3\r\n\r\nxyz`;

function row(what: string, bytes: string, statuses: string, front = 0): CorpusRow {
  return { what, bytes, statuses, front };
}

const plain: readonly CorpusRow[] = [
  row('plain', next, '200', 1),
  row('three in a row', next + next + next, '200 200 200', 3),
  row('no body', `${host}Content-Length: 0\r\n\r\n`, '200', 1),
  row('a length with zeros', `${host}Content-Length: 0003\r\n\r\nabc${next}`, '200 200', 2),
  row(
    'answered later, more behind it',
    `POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na${next}`,
    '200 200',
    2,
  ),
  row('the last of its connection', `POST /last HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na${next}`, '200', 1),
  row('a page, then plain', `POST /page HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na${next}`, '200 200'),
  row('a request in a body', `${host}Content-Length: ${next.length}\r\n\r\n${next}`, '200', 1),
  row('empty lines first', `\r\n\r\n${next}`, '200'),
  row('empty lines between', `${next}\r\n\r\n${next}`, '200 200', 1),
  row('GET', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n', '200'),
  row('chunks', `${host}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n${next}`, '200 200'),
  row(
    'chunks with trailers',
    `${host}Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n${next}`,
    '200 200',
  ),
  row('continue', `${host}Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc${next}`, '100 200 200'),
  row('to be closed', `${host}Connection: close\r\nContent-Length: 3\r\n\r\nabc`, '200'),
  row('HTTP/1.0', 'POST / HTTP/1.0\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc', '200'),
  row('absolute form', 'POST http://h/ HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc', '400'),
];

/** Each of them once told Node's parser something else than the front. */
const found: readonly CorpusRow[] = [
  row('Set-Cookie is a list', `${host}Content-Length: 0\r\nSet-Cookie: a=b\r\n\r\n`, '200'),
  row('__proto__ is no header', `${host}Content-Length: 0\r\n__proto__: a\r\n\r\n`, '200'),
  row('a tab behind a length', `${host}Content-Length: 3\t\r\n\r\nabc`, '400'),
  row('a tab before a length', `${host}Content-Length:\t3\r\n\r\nabc`, '200'),
  row('spaces around a length', `${host}Content-Length:   3   \r\n\r\nabc`, '200', 1),
];

const smuggling: readonly CorpusRow[] = [
  row('CL.TE', `${host}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG${next}`, '400'),
  row('TE.CL', `${host}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n${next}`, '400'),
  row('TE with a space', `${host}Transfer-Encoding : chunked\r\nContent-Length: 3\r\n\r\nabc`, '400'),
  row('TE twice', `${host}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n`, '400'),
  row('TE unknown', `${host}Transfer-Encoding: xchunked\r\nContent-Length: 3\r\n\r\nabc`, '400'),
  row('TE behind a tab', `${host}Transfer-Encoding:\tchunked\r\nContent-Length: 3\r\n\r\nabc`, '400'),
  row('CL twice, alike', `${host}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`, '400'),
  row('CL twice, different', `${host}Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde`, '400'),
  row('CL as a list', `${host}Content-Length: 3, 3\r\n\r\nabc`, '400'),
  row('CL with a sign', `${host}Content-Length: +3\r\n\r\nabc`, '400'),
  row('CL below zero', `${host}Content-Length: -3\r\n\r\nabc`, '400'),
  row('CL in hex', `${host}Content-Length: 0x3\r\n\r\nabc`, '400'),
  row('CL beyond all numbers', `${host}Content-Length: 99999999999999999999999\r\n\r\nabc`, '400'),
  row('CL empty', `${host}Content-Length:\r\n\r\nabc`, '400'),
  row('CL with a space', `${host}Content-Length : 3\r\n\r\nabc`, '400'),
  row('CL folded', `${host}Content-Length:\r\n 3\r\n\r\nabc`, '400'),
  row('a folded header', `${host}X: a\r\n b\r\nContent-Length: 3\r\n\r\nabc`, '400'),
  row('a bare line feed', `${host}X: a\nContent-Length: 3\r\n\r\nabc`, '400'),
  row('a bare carriage return', `${host}X: a\rContent-Length: 3\r\n\r\nabc`, '400'),
  row('a head that ends with line feeds', 'POST / HTTP/1.1\nHost: h\nContent-Length: 3\n\nabc', '400'),
  row('a NUL in a value', `${host}X: a\0b\r\nContent-Length: 3\r\n\r\nabc`, '400'),
  row('a NUL in a name', `${host}X\0: a\r\nContent-Length: 3\r\n\r\nabc`, '400'),
  row('high bytes in a value', `${host}X: \u00e9\r\nContent-Length: 3\r\n\r\nabc`, '200'),
  row('high bytes in a name', `${host}\u00e9: a\r\nContent-Length: 3\r\n\r\nabc`, '400'),
  row('a header without a name', `${host}: a\r\nContent-Length: 3\r\n\r\nabc`, '400'),
  row('a header without a colon', `${host}X\r\nContent-Length: 3\r\n\r\nabc`, '400'),
  row('a space in the path', 'POST /a b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc', '400'),
  row('no version', 'POST /\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc', '505'),
  row('a method in small letters', 'post / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc', '400'),
  row('HTTP/2.0', 'POST / HTTP/2.0\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc', '505'),
  row('no Host', 'POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc', '400'),
  row('two Hosts', `${host}Host: h\r\nContent-Length: 3\r\n\r\nabc`, '400'),
];

const large: readonly CorpusRow[] = [
  row('a path that is too long', `POST /${'u'.repeat(300)} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n`, '414'),
  row('a head that is too long', `${host}X: ${'v'.repeat(2000)}\r\nContent-Length: 0\r\n\r\n`, '431'),
  row('too many headers', `${host}${'X: y\r\n'.repeat(20)}Content-Length: 0\r\n\r\n`, '431'),
  row('a body with no room', `${host}Content-Length: 1600\r\n\r\n${'b'.repeat(1600)}${next}`, '200 200'),
];

/** Each of them means the same however it comes. */
export const frontCorpus: readonly CorpusRow[] = [...plain, ...found, ...smuggling, ...large];

/** Node, which reads ahead, ends the connection without the answer that was due before. */
export const wrongBehindRight = row('no request behind one', `${host}Content-Length: 0\r\n\r\n\0`, '200 400', 1);
