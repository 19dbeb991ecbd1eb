/**
 * A strict parser of the XML that the Query protocol answers: elements, attributes, text and references; no comments, no
 * CDATA, no doctype. Line ends are normalised as XML 1.0 demands, so a carriage return survives as a reference only.
 */

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const token = /<\?xml[^>]*\?>|<\/([\w.-]+)\s*>|<([\w.-]+)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;

interface OpenElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
}

export function parseXml(source: string): XmlElement {
  const text = source.replace(/\r\n?/g, '\n');
  const root: OpenElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const found = token.exec(text);
    if (found === null) throw new Error(`Not XML at ${at}: ${text.slice(at, at + 80)}`);
    step(open, found);
  }
  const [only, ...more] = root.children;
  if (only === undefined || more.length > 0 || open.length !== 1) throw new Error(`Not one XML element: ${text}`);
  return only;
}

function step(open: OpenElement[], [whole, closed, opened, attributes, empty, text]: RegExpExecArray): void {
  const parent = open.at(-1);
  if (parent === undefined) throw new Error('Text behind the root');
  if (closed !== undefined) {
    if (parent.name !== closed) throw new Error(`${whole} where ${parent.name} is open`);
    open.pop();
    open.at(-1)?.children.push(parent);
  } else if (opened !== undefined) {
    const element = { name: opened, attributes: readAttributes(attributes ?? ''), children: [], text: '' };
    if (empty === '/') parent.children.push(element);
    else open.push(element);
  } else if (text !== undefined) {
    parent.text += unescaped(text);
  }
}

function readAttributes(text: string): Record<string, string> {
  const pairs = text.matchAll(/([\w:.-]+)="([^"]*)"/g);
  return Object.fromEntries([...pairs].map(([, name = '', value = '']) => [name, unescaped(value)]));
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&(?:#x([0-9A-Fa-f]+)|#(\d+)|(\w+));|&/g, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    const character = named[name];
    if (character === undefined) throw new Error(`${whole} is no reference`);
    return character;
  });
}
