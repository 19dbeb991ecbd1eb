/**
 * Patterns with `*` and `?`. A pattern is a list of character codes, in which negative ones stand for wildcards; so text
 * that a variable brings in can hold an asterisk without becoming one. Matching never takes more than the product of both
 * lengths (with wildcards bound to segments, once more the length of the text), whatever a policy's author writes.
 */
export type Glob = readonly number[];

/** Any number of characters. */
const run = -1;
/** Any number of characters of one segment of an ARN. */
const segmentRun = -2;
const one = -3;
const segmentOne = -4;

const colon = 0x3a;
const asterisk = 0x2a;
const questionMark = 0x3f;

/** The last part of an ARN, behind five colons, is free to hold more of them. */
const arnColons = 5;

export class GlobBuilder {
  #codes: number[] = [];
  #colons: number;

  /** `ofArn`: wildcards stay within their segment, except a `*` at the end of one. */
  constructor(ofArn: boolean) {
    this.#colons = ofArn ? 0 : arnColons;
  }

  literal(text: string): void {
    for (let at = 0; at < text.length; at++) this.#codes.push(text.charCodeAt(at));
  }

  /** `isLast`: the pattern ends where the text does. */
  pattern(text: string, isLast: boolean): void {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === asterisk) {
        const next = at + 1 < text.length ? text.charCodeAt(at + 1) : undefined;
        const endsSegment = next === colon || (next === undefined && isLast);
        this.#addRun(this.#colons >= arnColons || endsSegment ? run : segmentRun);
      } else if (code === questionMark) {
        this.#codes.push(this.#colons >= arnColons ? one : segmentOne);
      } else {
        if (code === colon) this.#colons++;
        this.#codes.push(code);
      }
    }
  }

  /** What has been added since the last time. */
  take(): Glob {
    const codes = this.#codes;
    this.#codes = [];
    return codes;
  }

  /** Of several in a row one is enough: the one that reaches further. */
  #addRun(code: number): void {
    const last = this.#codes.at(-1);
    if (last === run || last === segmentRun) this.#codes.pop();
    this.#codes.push(last === run ? run : code);
  }
}

export function globOf(text: string): Glob {
  const builder = new GlobBuilder(false);
  builder.pattern(text, true);
  return builder.take();
}

export function hasWildcard(text: string): boolean {
  return text.includes('*') || text.includes('?');
}

/** The shortest match of what is before a run is always the best, so only the last run ever has to give way. */
export function matchesGlob(glob: Glob, text: string): boolean {
  let at = 0;
  let code = 0;
  let afterRun = -1;
  let runFrom = 0;
  let afterSegmentRun = -1;
  let segmentRunFrom = 0;
  while (at < text.length) {
    const expected = glob[code];
    const actual = text.charCodeAt(at);
    if (expected === actual || expected === one || (expected === segmentOne && actual !== colon)) {
      code++;
      at++;
    } else if (expected === run) {
      afterRun = ++code;
      if (code === glob.length) return true;
      runFrom = at;
      afterSegmentRun = -1;
    } else if (expected === segmentRun) {
      afterSegmentRun = ++code;
      segmentRunFrom = at;
    } else if (afterSegmentRun >= 0 && text.charCodeAt(segmentRunFrom) !== colon) {
      at = ++segmentRunFrom;
      code = afterSegmentRun;
    } else if (afterRun >= 0) {
      afterSegmentRun = -1;
      at = ++runFrom;
      code = afterRun;
    } else return false;
  }
  while (glob[code] === run || glob[code] === segmentRun) code++;
  return code === glob.length;
}
