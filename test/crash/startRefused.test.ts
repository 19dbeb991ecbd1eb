/** The real program where something is wrong around it: what it says, exits with, and leaves alone. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stranger } from '../stranger.ts';
import { Fixture } from './fixture.ts';
import type { ServerProcess } from './serverProcess.ts';

const fixture = new Fixture();

/** A start that must fail: its sentence, without the newline, and its exit code. */
async function failToStart(server: ServerProcess): Promise<{ sentence: string; code: number | null }> {
  const { code } = await server.ended;
  return { sentence: server.errors.trim(), code };
}

/** A store with a message in it, closed in order. */
async function makeStore(): Promise<void> {
  const server = fixture.start();
  const client = await fixture.connect(server);
  const { QueueUrl = '' } = await client.call('CreateQueue', { QueueName: 'kept' });
  await client.call('SendMessage', { QueueUrl, MessageBody: 'kept' });
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
}

/** Every file with its content. */
function fingerprint(): string[] {
  return readdirSync(fixture.dataDirectory, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.endsWith('.sock'))
    .sort()
    .map((name) => {
      const path = join(fixture.dataDirectory, name);
      const content = statSync(path).isDirectory() ? '' : readFileSync(path);
      return `${name} ${createHash('sha256').update(content).digest('hex')}`;
    });
}

describe('a start is refused with one sentence', () => {
  test('while another process has the data directory, and that one is unharmed', async () => {
    const first = fixture.start();
    const client = await fixture.connect(first);
    const { QueueUrl = '' } = await client.call('CreateQueue', { QueueName: 'kept' });
    const { sentence, code } = await failToStart(fixture.start());
    expect(code).toBe(4);
    expect(sentence).toMatch(/^The data directory \S+ is in use by process \d+ on .+\. Stop that server first, .+\.$/);
    expect(sentence).toContain(`process ${first.pid} on`);
    await client.call('SendMessage', { QueueUrl, MessageBody: 'still here' });
    const { Messages } = await client.call('ReceiveMessage', { QueueUrl });
    expect(Messages).toMatchObject([{ Body: 'still here' }]);
  });

  const isRoot = process.getuid?.() === 0;
  test.skipIf(process.platform === 'win32' || (isRoot && stranger === undefined))(
    'on a data directory that it may not write to',
    async () => {
      mkdirSync(fixture.dataDirectory);
      // Nothing is forbidden to root.
      if (isRoot) chmodSync(fixture.root, 0o755);
      else chmodSync(fixture.dataDirectory, 0o500);
      const { sentence, code } = await failToStart(fixture.start([], stranger));
      chmodSync(fixture.dataDirectory, 0o700);
      expect(code).toBe(4);
      expect(sentence).toMatch(/^The data directory \S+ can not be written to\. Check its owner and permissions .+$/);
      expect(readdirSync(fixture.dataDirectory)).toEqual([]);
    },
  );

  test.skipIf(stranger === undefined)('on a store that belongs to somebody else', async () => {
    await makeStore();
    const before = fingerprint();
    chmodSync(fixture.root, 0o755);
    chownSync(fixture.dataDirectory, stranger?.uid ?? 0, stranger?.gid ?? 0);
    const { sentence, code } = await failToStart(fixture.start([], stranger));
    expect([code, sentence]).toEqual([4, expect.stringContaining('can not be written to')]);
    expect(sentence).not.toContain('\n');
    expect(fingerprint()).toEqual(before);
  });

  const fileLike = (start: string) => {
    const name = readdirSync(fixture.dataDirectory).find((each) => each.startsWith(start));
    return join(fixture.dataDirectory, name ?? 'none');
  };
  const damages: Record<string, () => void> = {
    'lost the end of its manifest': () => truncateSync(fileLike('manifest'), 10),
    'is not a store': () => writeFileSync(fileLike('manifest'), 'x'.repeat(50_000)),
    'has no manifest': () => rmSync(fileLike('manifest')),
    'has no log': () => rmSync(fileLike('log-')),
    'has another beginning of its log': () => writeFileSync(fileLike('log-'), 'x', { flag: 'r+' }),
  };
  test.each(Object.entries(damages))('on a store that %s, and nothing is touched', async (_, damage) => {
    await makeStore();
    damage();
    const before = fingerprint();
    const { sentence, code } = await failToStart(fixture.start());
    expect(code).toBe(4);
    expect(sentence).toMatch(/^The store in \S+ is damaged: .+\. Restore .+\.$/);
    expect(fingerprint()).toEqual(before);
  });

  test.each([2, 4])('on a store of the format %i, and nothing is touched', async (format) => {
    await makeStore();
    const marker = join(fixture.dataDirectory, 'POSTHORN');
    writeFileSync(marker, readFileSync(marker, 'utf8').replace('Format: 3', `Format: ${format}`));
    const before = fingerprint();
    const { sentence, code } = await failToStart(fixture.start());
    expect(code).toBe(4);
    expect(sentence).toMatch(new RegExp(`^The store in \\S+ has format ${format}, not 3\\. Use .+\\.$`));
    expect(fingerprint()).toEqual(before);
  });

  test('on a port in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const { sentence, code } = await failToStart(fixture.start(['--port', String(port)]));
    other.close();
    expect(code).toBe(3);
    expect(sentence).toMatch(new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is in use\\. .+--port.+\\.$`));
    // The data directory was released: the next start takes it.
    await fixture.connect(fixture.start());
  });

  test('on an address that others reach, unless a flag allows it', async () => {
    const { sentence, code } = await failToStart(fixture.start(['--host', '0.0.0.0']));
    expect(code).toBe(2);
    expect(sentence).toMatch(/^Listening on 0\.0\.0\.0 lets everyone .+, because signatures are not verified\. .+\.$/);
    await fixture.connect(fixture.start(['--host', '0.0.0.0', '--allow-unauthenticated-network']));
  });
});
