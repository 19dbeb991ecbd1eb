/** `posthorn <words>` as a person types it, in this process. */
import { type CommandLine, runCommandLine } from '../../src/cli/commandLine.ts';
import { type FakeIoOptions, fakeIo } from './fakeIo.ts';

export interface TypedOptions extends FakeIoOptions, Pick<CommandLine, 'loadCompactStore' | 'loadRotateMaster'> {
  readonly env?: Readonly<Record<string, string>>;
}

export async function typed(words: readonly string[], options: TypedOptions = {}) {
  const { env = {}, loadCompactStore, loadRotateMaster, ...process } = options;
  const { io, state } = fakeIo(process);
  const exitCode = await runCommandLine({
    ...{ argv: words, io, env, readVersion: () => '', readFile: async () => '' },
    loadServer: () => Promise.reject(new Error('it starts no server')),
    ...(loadCompactStore !== undefined && { loadCompactStore }),
    ...(loadRotateMaster !== undefined && { loadRotateMaster }),
  });
  return { exitCode, ...state };
}
