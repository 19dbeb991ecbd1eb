/** As much of SVG as charts take. The same input gives the same bytes: coordinates are rounded, nothing is random. */
export type Attributes = Readonly<Record<string, string | number>>;

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => escapes[character] ?? character);
}

/** `content` is XML already. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes).map(([key, value]) => {
    const text = typeof value === 'number' ? String(Math.round(value * 100) / 100) : escapeXml(value);
    return ` ${key}="${text}"`;
  });
  return content === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${content}</${name}>`;
}

export function text(x: number, y: number, words: string, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escapeXml(words));
}

export function document(width: number, height: number, title: string, parts: readonly string[]): string {
  const opening =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    'font-family="sans-serif" font-size="12" fill="#222">';
  // A background of its own, for viewers that are dark.
  const background = element('rect', { width, height, fill: '#fff' });
  return `${[opening, `<title>${escapeXml(title)}</title>`, background, ...parts, '</svg>'].join('\n')}\n`;
}

/** About `count` round numbers from 0 to at least `most`: the marks of an axis. */
export function marks(most: number, count = 4): number[] {
  if (!(most > 0)) return [0, 1];
  const rough = most / count;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5].find((factor) => factor * magnitude >= rough) ?? 10) * magnitude;
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, index) => index * step);
}
