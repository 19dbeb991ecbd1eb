/**
 * How much the bodies that are under way may take of the memory, all connections together. A place is taken when the
 * headers have come, for what they announce, and given back when the request has been answered.
 *
 * Bodies of 64 KiB and less are not counted: that many connections hold them without harm, and counting would cost every
 * request something.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError, frontEndNamespace } from './contract.ts';
import type { EdgeLimits } from './limits.ts';

const uncountedBytes = 64 * 1024;

export class HeldBodies {
  readonly #limits: Pick<EdgeLimits, 'bodyMaxBytes' | 'heldBodiesMaxBytes'>;
  #held = 0;

  constructor(limits: Pick<EdgeLimits, 'bodyMaxBytes' | 'heldBodiesMaxBytes'>) {
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#held;
  }

  /** Takes the place for a body of so many bytes, and gives what gives it back; undefined if there is none. */
  hold(bytes: number): (() => void) | undefined {
    const { bodyMaxBytes, heldBodiesMaxBytes } = this.#limits;
    // What is above the limit is thrown away while it comes.
    if (bytes <= uncountedBytes || bytes > bodyMaxBytes) return nothingHeld;
    if (this.#held + bytes > heldBodiesMaxBytes) return undefined;
    this.#held += bytes;
    return () => {
      this.#held -= bytes;
    };
  }

  /** The same until the response closes; false if there is no place. */
  take(request: IncomingMessage, response: ServerResponse): boolean {
    const { 'transfer-encoding': transferEncoding, 'content-length': announced = 0 } = request.headers;
    // What comes in chunks may be of any size.
    const release = this.hold(transferEncoding === undefined ? Number(announced) : this.#limits.bodyMaxBytes);
    if (release === undefined) return false;
    if (release !== nothingHeld) response.once('close', release);
    return true;
  }
}

function nothingHeld(): void {
  // Small bodies are not counted.
}

export function tooManyBodies(): AwsError {
  return new AwsError('ServiceUnavailable', 'The server holds too many large requests. Please try again.', {
    httpStatus: 503,
    shapeNamespace: frontEndNamespace,
  });
}
