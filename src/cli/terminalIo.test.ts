import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type Streams, terminalIo } from './terminalIo.ts';

/** Streams in memory; with columns, terminals. */
function fakeStreams(columns?: number) {
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  for (const stream of Object.values(streams))
    Object.assign(stream, columns === undefined ? {} : { isTTY: true, columns });
  // What is used of terminals is what these have.
  return { ...streams, io: terminalIo(streams as unknown as Streams) };
}

describe('the terminal', () => {
  it('is as wide as its window, at any time', () => {
    const { io, stdout } = fakeStreams(100);
    expect(io.output).toMatchObject({ isTerminal: true, columns: 100 });
    Object.assign(stdout, { columns: 60 });
    expect(io.output.columns).toBe(60);
    // Some terminals do not know.
    Object.assign(stdout, { columns: 0 });
    expect(io.output.columns).toBe(80);
  });

  it('has no width where it is a pipe', () => {
    const { io } = fakeStreams();
    expect(io.output).toMatchObject({ isTerminal: false, columns: Number.POSITIVE_INFINITY });
    expect(io.input.isTerminal).toBe(false);
  });

  it('draws one line over the other, beside the output', () => {
    const { io, stdout, stderr } = fakeStreams(80);
    io.draw('half');
    io.draw('');
    expect(stderr.read().toString()).toBe('\r\x1b[Khalf\r\x1b[K');
    expect(stdout.read()).toBeNull();
  });

  it('tells when its reader has gone', async () => {
    const { io, stdout } = fakeStreams();
    await io.printed();
    stdout.on('error', () => undefined);
    stdout.destroy();
    await expect(io.printed()).rejects.toThrow();
  });

  it('reads its input to the end', async () => {
    const { io, stdin } = fakeStreams();
    stdin.write('a');
    stdin.end('b');
    expect(Buffer.from(await io.input.readAll()).toString()).toBe('ab');
  });

  it('asks beside the output, and takes no answer for an empty one', async () => {
    const { io, stdin, stdout, stderr } = fakeStreams();
    const answer = io.input.ask('Sure? ');
    stdin.write(' yes\n');
    expect(await answer).toBe('yes');
    expect(stderr.read().toString()).toBe('Sure? ');
    expect(stdout.read()).toBeNull();
    const unanswered = io.input.ask('Sure? ');
    stdin.end();
    expect(await unanswered).toBe('');
    expect(stderr.read().toString()).toBe('Sure? \n');
  });
});
