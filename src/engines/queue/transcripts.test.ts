import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TranscriptQueue } from './testdata/transcriptQueue.ts';

/**
 * Each file in `testdata` is a dialogue with the engine: a command on a line of its own, what came of it below, indented.
 * After a wanted change, `npx vitest run -u src/engines` writes the answers anew; read the difference.
 */
const folder = new URL('./testdata/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));

test.each(files)('%s', async (name) => {
  const queue = new TranscriptQueue();
  const commands = readFileSync(new URL(name, folder), 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('  '));
  const lines = commands.flatMap((line) => (line === '' || line.startsWith('#') ? [line] : [line, ...queue.run(line)]));
  await expect(lines.join('\n')).toMatchFileSnapshot(new URL(name, folder).pathname);
});

test('there are transcripts', () => expect(files.length).toBeGreaterThan(3));
