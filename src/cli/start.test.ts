import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSettings } from './settings.ts';
import { type RunningServer, runStart, type StartOptions } from './start.ts';

function settingsFor(...argv: string[]) {
  return loadSettings({ argv, env: {}, readFile: async () => '' });
}

/** A process that exists in memory only. */
function fakeProcess(platform = 'linux') {
  const state = {
    printed: '',
    errors: '',
    exits: [] as number[],
    clock: 0,
    listener: undefined as (() => void) | undefined,
  };
  const io = {
    platform,
    print: (text: string) => {
      state.printed += `${text}\n`;
    },
    printError: (text: string) => {
      state.errors += `${text}\n`;
    },
    onStopSignal: (listener: () => void) => {
      state.listener = listener;
      return () => {
        state.listener = undefined;
      };
    },
    exit: (code: number) => {
      state.exits.push(code);
    },
    now: () => state.clock,
  };
  return { state, io, signal: () => state.listener?.() };
}

const server: RunningServer = { endpoint: 'http://127.0.0.1:4566', close: async () => undefined };

async function failure(error: unknown, ...argv: string[]) {
  const { io, state } = fakeProcess();
  const exitCode = await runStart(await settingsFor(...argv), () => Promise.reject(error), io);
  return { exitCode, message: state.errors.trim(), printed: state.printed };
}

describe('a server that runs', () => {
  it('hands the settings over and leaves out what is undefined', async () => {
    const { io, signal } = fakeProcess();
    const seen: StartOptions[] = [];
    const start = async (options: StartOptions) => {
      seen.push(options);
      return server;
    };
    const ended = runStart(await settingsFor('--port', '0', '--memory'), start, io);
    signal();
    expect(await ended).toBe(0);
    expect(seen).toEqual([
      {
        port: 0,
        host: '127.0.0.1',
        dataDir: './posthorn-data',
        memory: true,
        region: 'us-east-1',
        accountId: '000000000000',
        logLevel: 'info',
        auth: 'off',
        accounts: [],
        authDebug: false,
        auditDataEvents: false,
        strictTiming: false,
        enforceQuotas: false,
        smsSandbox: false,
        production: false,
        allowedHosts: [],
        allowUnauthenticatedNetwork: false,
        queues: [],
      },
    ]);
  });

  it('prints the endpoint, the folder and three lines to paste', async () => {
    const text = await greetingOn('linux');
    expect(text).toBe(`Posthorn is listening on http://127.0.0.1:4566
Data: ${resolve('posthorn-data')}

Paste these lines into another terminal to try it with the AWS CLI:

export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1
aws --endpoint-url http://127.0.0.1:4566 sqs create-queue --queue-name hello && aws --endpoint-url http://127.0.0.1:4566 sqs send-message --queue-url http://127.0.0.1:4566/000000000000/hello --message-body 'Hello, world'
aws --endpoint-url http://127.0.0.1:4566 sqs receive-message --queue-url http://127.0.0.1:4566/000000000000/hello

`);
  });

  it('prints lines for PowerShell on Windows', async () => {
    const text = await greetingOn('win32');
    expect(text).toContain("$env:AWS_ACCESS_KEY_ID='test'; ");
    expect(text).not.toMatch(/export|&&/);
  });

  it('says that memory keeps nothing, and shows queue URLs under the public URL', async () => {
    const text = await greetingOn('linux', '--memory', '--public-url', 'https://q.example.com');
    expect(text).toContain('Data: in memory: stopping loses everything');
    expect(text).toContain('--queue-url https://q.example.com/000000000000/hello');
  });
});

it('shows an address to connect to where the server listens on all', async () => {
  const text = await greetingOn('linux', '--auth', 'enforce', { ...server, endpoint: 'https://0.0.0.0:4566' });
  expect(text).toContain('Posthorn is listening on https://0.0.0.0:4566\n');
  expect(text).toContain(
    '--endpoint-url https://127.0.0.1:4566 sqs receive-message --queue-url https://127.0.0.1:4566/',
  );
});

describe('a server that verifies signatures', () => {
  const rootKey = { accountId: '000000000000', accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a/b+c' };

  it('shows the key that this start has made, and uses it in the lines to paste', async () => {
    const text = await greetingOn('linux', '--auth', 'enforce', { ...server, rootKey });
    expect(text).toContain(`Signatures are verified. This key is shown once, keep it:
Root of account 000000000000
  Access key id:     AKIAEXAMPLE
  Secret access key: a/b+c
`);
    expect(text).toContain(
      'export AWS_ACCESS_KEY_ID=AKIAEXAMPLE AWS_SECRET_ACCESS_KEY=a/b+c AWS_DEFAULT_REGION=us-east-1\naws ',
    );
  });

  it('shows those of other accounts as well', async () => {
    const otherRootKeys = [{ ...rootKey, accountId: '111122223333', accessKeyId: 'AKIAOTHER' }];
    const text = await greetingOn('linux', '--auth', 'enforce', { ...server, otherRootKeys });
    expect(text).toContain('Root of account 111122223333\n  Access key id:     AKIAOTHER\n');
    expect(text).toContain('\nexport AWS_DEFAULT_REGION=us-east-1\n');
  });

  it('says to use those that exist when it made none', async () => {
    const text = await greetingOn('linux', '--auth', 'enforce');
    expect(text).toContain('Signatures are verified: use the access keys that exist.\n');
    expect(text).toContain('\nexport AWS_DEFAULT_REGION=us-east-1\n');
    expect(text).not.toContain('=test');
    expect(await greetingOn('win32', '--auth', 'enforce')).toContain("\n$env:AWS_DEFAULT_REGION='us-east-1'\n");
  });

  it('shows the key also to someone who has stopped it meanwhile: nobody can ask for it again', async () => {
    const { io, state, signal } = fakeProcess();
    const ended = runStart(await settingsFor('--auth', 'enforce'), async () => ({ ...server, rootKey }), io);
    signal();
    await ended;
    expect(state.printed).toContain('a/b+c');
  });
});

async function greetingOn(platform: string, ...given: (string | RunningServer)[]): Promise<string> {
  const { io, state, signal } = fakeProcess(platform);
  const argv = given.filter((each) => typeof each === 'string');
  const started = given.find((each) => typeof each !== 'string') ?? server;
  const ended = runStart(await settingsFor(...argv), async () => started, io);
  await Promise.resolve();
  await Promise.resolve();
  signal();
  await ended;
  return state.printed;
}

describe('a signal', () => {
  it('closes the server once, and lets go of the signals', async () => {
    const { io, state, signal } = fakeProcess();
    let closed = 0;
    const close = async () => {
      closed += 1;
    };
    const ended = runStart(await settingsFor(), async () => ({ ...server, close }), io);
    signal();
    // The same Ctrl-C again, from npm.
    state.clock = 5;
    signal();
    expect(await ended).toBe(0);
    expect([closed, state.exits, state.listener]).toEqual([1, [], undefined]);
  });

  it('is not needed to end a server that can not go on', async () => {
    const { io, state } = fakeProcess();
    let closed = 0;
    const close = async () => {
      closed += 1;
    };
    const failed = Promise.resolve(Object.assign(new Error('An owner died.'), { exitCode: 70 }));
    expect(await runStart(await settingsFor(), async () => ({ ...server, close, failed }), io)).toBe(70);
    expect([closed, state.errors, state.listener]).toEqual([1, 'An owner died.\n', undefined]);
  });

  it('ends the process at once when it comes again', async () => {
    const { io, state, signal } = fakeProcess();
    const close = () => new Promise<void>(() => undefined);
    runStart(await settingsFor(), async () => ({ ...server, close }), io);
    signal();
    state.clock = 1_000;
    signal();
    expect(state.exits).toEqual([130]);
  });

  it('during the start stops the server as soon as it runs', async () => {
    const { io, state, signal } = fakeProcess();
    let started: (server: RunningServer) => void = () => undefined;
    const starting = new Promise<RunningServer>((resolveStart) => {
      started = resolveStart;
    });
    const ended = runStart(await settingsFor(), () => starting, io);
    signal();
    started(server);
    expect(await ended).toBe(0);
    expect(state.printed).toBe('');
  });
});

describe('a server that can not start', () => {
  it('because of the data directory: 4, with the sentence of the store', async () => {
    const error = Object.assign(new Error('Another Posthorn uses ./posthorn-data.'), { name: 'StoreUnusable' });
    expect(await failure(error)).toEqual({ exitCode: 4, message: error.message, printed: '' });
  });

  it('because of the port: 3', async () => {
    const inUse = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE', syscall: 'listen' });
    const { exitCode, message } = await failure(inUse, '--port', '80');
    expect(exitCode).toBe(3);
    expect(message).toBe(
      'Port 80 on 127.0.0.1 is in use. Stop the program that uses it, or choose another port with --port (0 takes any free one).',
    );
    const forbidden = Object.assign(new Error('listen EACCES'), { code: 'EACCES', syscall: 'listen' });
    expect((await failure(forbidden, '--port', '80')).message).toContain('may not listen on port 80');
    const unknownHost = Object.assign(new Error('getaddrinfo ENOTFOUND'), {
      code: 'ENOTFOUND',
      syscall: 'getaddrinfo',
    });
    expect((await failure(unknownHost)).exitCode).toBe(3);
  });

  it('for a reason of its own: the exit code that the error carries', async () => {
    expect(await failure(Object.assign(new Error('A sentence.'), { exitCode: 2 }))).toMatchObject({
      exitCode: 2,
      message: 'A sentence.',
    });
  });

  it('for a bug: 1, with the stack', async () => {
    const { exitCode, message } = await failure(new Error('unforeseen'));
    expect(exitCode).toBe(1);
    expect(message).toMatch(/^Error: unforeseen\n\s+at /);
  });

  it('and one that can not stop says so too', async () => {
    const { io, state, signal } = fakeProcess();
    const close = () => Promise.reject(Object.assign(new Error('The disk is gone.'), { exitCode: 1 }));
    const ended = runStart(await settingsFor(), async () => ({ ...server, close }), io);
    signal();
    expect(await ended).toBe(1);
    expect(state.errors).toBe('The disk is gone.\n');
  });
});
