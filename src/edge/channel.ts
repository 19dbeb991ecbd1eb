import type { Duplex } from 'node:stream';
import { FrameCutter, type FrameReader, FrameWriter } from './frames.ts';

/** Frames both ways over a pipe. All that is sent in one turn of the event loop goes in one write. */
export class Channel {
  readonly #pipe: Duplex;
  readonly #writer = new FrameWriter();
  #isFlushing = false;
  #isClosed = false;

  constructor(pipe: Duplex, onFrame: (frame: FrameReader) => void, onClose: () => void) {
    this.#pipe = pipe;
    const cutter = new FrameCutter(onFrame);
    pipe.on('data', (chunk: Buffer) => cutter.take(chunk));
    // `close` follows, and says all that matters.
    pipe.on('error', () => undefined);
    pipe.on('close', () => {
      this.#isClosed = true;
      onClose();
    });
  }

  /** The other process is gone; what is sent goes nowhere. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  send(kind: number, call: number, write?: (frame: FrameWriter) => void): void {
    const frame = this.#writer.begin(kind, call);
    write?.(frame);
    frame.end();
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(this.#flush);
  }

  close(): void {
    this.#pipe.destroy();
  }

  readonly #flush = (): void => {
    this.#isFlushing = false;
    const bytes = this.#writer.take();
    if (!this.#isClosed) this.#pipe.write(bytes);
  };
}
