/** The terminal, or the pipes in its place, as the commands use it. */
import type { ReadStream, WriteStream } from 'node:tty';
import type { CommandIo, ProcessIo, View } from './commandIo.ts';

/** What is used of Node's `process`. */
export interface Streams {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
}

const defaultColumns = 80;
const clearLine = '\r\x1b[K';

export function terminalIo({ stdin, stdout, stderr }: Streams): Omit<CommandIo, keyof ProcessIo> {
  return {
    output: viewOf(stdout),
    errorOutput: viewOf(stderr),
    printed: () =>
      new Promise((resolve, reject) => {
        stdout.write('', (error) => (error ? reject(error) : resolve()));
      }),
    draw: (line) => {
      stderr.write(clearLine + line);
    },
    input: {
      isTerminal: stdin.isTTY === true,
      readAll: async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of stdin) chunks.push(chunk as Buffer);
        return Buffer.concat(chunks);
      },
      ask: async (question) => {
        const { createInterface } = await import('node:readline/promises');
        const reader = createInterface({ input: stdin, output: stderr });
        try {
          // Ctrl-D and Ctrl-C close it without an answer.
          const closed = new Promise<string>((resolve) => reader.once('close', () => resolve('\n')));
          const answer = await Promise.race([reader.question(question), closed]);
          // Without the Enter of the person the cursor is still behind the question.
          if (answer === '\n') stderr.write(answer);
          return answer.trim();
        } finally {
          reader.close();
        }
      },
    },
    fetch: (...request) => fetch(...request),
    wallClock: () => Date.now(),
    wait: (milliseconds) =>
      new Promise((resolve) => {
        setTimeout(resolve, milliseconds);
      }),
  };
}

function viewOf(stream: WriteStream): View {
  return {
    isTerminal: stream.isTTY === true,
    // Read anew each time: windows are resized.
    get columns() {
      if (stream.isTTY !== true) return Number.POSITIVE_INFINITY;
      return stream.columns > 0 ? stream.columns : defaultColumns;
    },
  };
}
