/** Whether an answer of the edge is one that clients can read. */

/** Undefined, or what is wrong. */
export function faultOfBody(contentType: string, status: number, body: string): string | undefined {
  if (contentType.startsWith('application/x-amz-json-1.')) return faultOfJson(status, body);
  if (contentType === 'text/xml') return faultOfXml(body);
  return body === '<UnknownOperationException/>\n' ? undefined : `the content type ${contentType}`;
}

function faultOfJson(status: number, body: string): string | undefined {
  try {
    const { __type: type } = JSON.parse(body);
    if (status === 200) return undefined;
    return /^([\w.]+#)?\w+$/.test(type) ? undefined : `an error of the type ${type}`;
  } catch (error) {
    return String(error);
  }
}

const namePattern = /^[A-Za-z_][\w.-]*$/;

/** Enough of XML's rules for documents without comments, sections and instructions but the first. */
export function faultOfXml(body: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML cannot hold these.
  const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
  if (forbidden.test(body)) return 'a character that XML cannot hold';
  const declaration = '<?xml version="1.0"?>';
  const text = body.startsWith(declaration) ? body.slice(declaration.length) : body;
  const open: string[] = [];
  let roots = 0;
  let at = 0;
  for (const { 0: tag, 1: slash, 2: name = '', 3: rest = '', index } of text.matchAll(/<(\/?)([^\s<>/]*)([^<>]*)>/g)) {
    const fault = faultOfText(text.slice(at, index), open.length > 0);
    if (fault !== undefined) return fault;
    at = index + tag.length;
    if (!namePattern.test(name)) return `the name ${name}`;
    if (slash === '/') {
      if (open.pop() !== name) return `the end of ${name}`;
    } else {
      if (open.length === 0) roots += 1;
      if (!/^(\s+[\w:]+="[^"<]*")*\s*\/?$/.test(rest)) return `the attributes ${rest}`;
      if (!rest.endsWith('/')) open.push(name);
    }
  }
  if (open.length > 0 || roots !== 1) return 'elements that do not end, or several roots';
  return faultOfText(text.slice(at), false);
}

function faultOfText(text: string, isInside: boolean): string | undefined {
  if (!isInside && text.trim() !== '') return 'text outside of the root';
  if (/[<>]/.test(text)) return 'a bracket that is no tag';
  return /&(?!(amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)/.test(text) ? 'an ampersand that is no entity' : undefined;
}

export interface WireAnswer {
  readonly status: number;
  readonly fault: string | undefined;
}

/** The answers on one connection, one after the other. Throws where the bytes are none. */
export function readAnswers(wire: string): WireAnswer[] {
  const answers: WireAnswer[] = [];
  for (let at = 0; at < wire.length; ) {
    const end = wire.indexOf('\r\n\r\n', at);
    const head = wire.slice(at, end);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
    if (end === -1 || Number.isNaN(status)) throw new Error(`No answer: ${JSON.stringify(wire.slice(at, at + 200))}`);
    at = end + 4;
    if (status < 200) continue;
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1]);
    const body = Buffer.from(wire.slice(at, at + length), 'latin1');
    if (body.length !== length) throw new Error(`An answer of ${length} bytes has ${body.length}`);
    at += length;
    const id = /^x-amzn-requestid: [0-9a-f-]{36}$/im.test(head);
    const type = /^content-type: (.+)$/im.exec(head)?.[1] ?? '';
    answers.push({ status, fault: id ? faultOfBody(type, status, body.toString()) : 'no request id' });
  }
  return answers;
}
