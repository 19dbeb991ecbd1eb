import { describe, expect, it } from 'vitest';
import { fakeIo } from '../../test/cli/fakeIo.ts';
import { runCommandLine } from './commandLine.ts';

async function run(...argv: string[]) {
  const { io, state } = fakeIo();
  let serverLoaded = false;
  const exitCode = await runCommandLine({
    ...{ argv, io, env: {} },
    readFile: async () => '',
    readVersion: () => '1.2.3',
    loadServer: async () => {
      serverLoaded = true;
      return () => Promise.reject(Object.assign(new Error('stopped by the test'), { exitCode: 9 }));
    },
  });
  return { exitCode, serverLoaded, printed: state.printed.trimEnd(), errors: state.errors.trimEnd() };
}

describe('the command line', () => {
  it('answers --version and --help without the server', async () => {
    expect(await run('--version')).toMatchObject({ exitCode: 0, printed: '1.2.3', serverLoaded: false });
    expect((await run('--help')).printed).toContain('Usage: posthorn <command>');
    expect((await run('--help')).printed).toMatch(/^ {2}purge +delete all messages of a queue$/m);
    expect((await run('start', '--help')).printed).toContain('--data-dir <folder>');
    expect(await run('start', '--port', '1', '-h')).toMatchObject({ exitCode: 0, serverLoaded: false });
  });

  it('shows the usage where no command is given, and the near one where it is unknown', async () => {
    expect(await run()).toMatchObject({ exitCode: 2, printed: '' });
    expect((await run()).errors).toMatch(/^Usage: /);
    expect((await run('strat')).errors).toBe('posthorn has no command "strat".\nDid you mean posthorn start?');
    expect((await run('sned')).errors).toBe('posthorn has no command "sned".\nDid you mean posthorn send?');
    expect((await run('upgrade')).errors).toContain('Usage: ');
  });

  it('refuses wrong settings before it loads the server', async () => {
    expect(await run('start', '--port', 'x')).toEqual({
      exitCode: 2,
      printed: '',
      errors: '--port is "x", but must be a whole number from 0 to 65535.',
      serverLoaded: false,
    });
  });

  it('starts the server', async () => {
    expect(await run('start')).toMatchObject({ exitCode: 9, errors: 'stopped by the test', serverLoaded: true });
  });
});
