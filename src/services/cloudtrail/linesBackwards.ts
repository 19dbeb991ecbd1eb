import type { FileHandle } from 'node:fs/promises';
import { chunkBytes, lineBytes } from './limits.ts';

export interface Line {
  /** Good until the next one is asked for. */
  readonly bytes: Buffer;
  /** Where it begins in the file. */
  readonly start: number;
}

const newline = 10;
const nothing = Buffer.alloc(0);

/** The lines of the first `end` bytes of a file, the last first. Empty ones are left out, and so are those that are too long. */
export async function* linesBackwards(file: FileHandle, end: number): AsyncGenerator<Line> {
  let position = end;
  // The end of a line whose beginning has not been read yet.
  let tail: Buffer = nothing;
  let isTooLong = false;
  while (position > 0) {
    const chunk = await readBefore(file, position);
    if (chunk.length === 0) return;
    position -= chunk.length;
    let upTo = chunk.length;
    for (let at = chunk.lastIndexOf(newline); at !== -1; at = at === 0 ? -1 : chunk.lastIndexOf(newline, at - 1)) {
      const bytes = joined(chunk.subarray(at + 1, upTo), tail);
      if (bytes.length > 0 && !isTooLong) yield { bytes, start: position + at + 1 };
      tail = nothing;
      isTooLong = false;
      upTo = at;
    }
    tail = joined(chunk.subarray(0, upTo), tail);
    if (tail.length > lineBytes) {
      isTooLong = true;
      tail = nothing;
    }
  }
  if (tail.length > 0 && !isTooLong) yield { bytes: tail, start: 0 };
}

/** Up to a chunk that ends at `end`; empty if the file has become shorter. */
async function readBefore(file: FileHandle, end: number): Promise<Buffer> {
  const length = Math.min(chunkBytes, end);
  const chunk = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(chunk, done, length - done, end - length + done);
    if (bytesRead === 0) return nothing;
    done += bytesRead;
  }
  return chunk;
}

function joined(head: Buffer, tail: Buffer): Buffer {
  return tail.length === 0 ? head : Buffer.concat([head, tail]);
}
