import { describe, expect, it } from 'vitest';
import { SettingsError } from './setting.ts';
import { describeSettings, loadSettings } from './settings.ts';

interface Sources {
  flags?: string;
  env?: Record<string, string>;
  files?: Record<string, string>;
}

function load({ flags = '', env = {}, files = {} }: Sources) {
  return loadSettings({
    argv: flags.split(' ').filter((word) => word !== ''),
    env,
    readFile: async (path) => {
      const content = files[path];
      if (content === undefined) throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });
      return content;
    },
  });
}

/** The settings under `--config x.yaml` with this content. */
function loadFile(content: string, more: Sources = {}) {
  return load({ ...more, flags: `--config x.yaml ${more.flags ?? ''}`, files: { 'x.yaml': content } });
}

async function refusal(settings: Promise<unknown>): Promise<string> {
  const error = await settings.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof SettingsError)) throw new Error(`no SettingsError, but ${String(error)}`);
  expect(error.exitCode).toBe(2);
  return error.message;
}

describe('defaults', () => {
  it('need nothing at all', async () => {
    expect(await load({})).toEqual({
      port: 4566,
      host: '127.0.0.1',
      dataDir: './posthorn-data',
      memory: false,
      publicUrl: undefined,
      region: 'us-east-1',
      accountId: '000000000000',
      logLevel: 'info',
      auth: 'off',
      accounts: [],
      authDebug: false,
      auditDataEvents: false,
      strictTiming: false,
      enforceQuotas: false,
      smtpUrl: undefined,
      emailFrom: undefined,
      smsGatewayUrl: undefined,
      fcmUrl: undefined,
      apnsUrl: undefined,
      apnsSandboxUrl: undefined,
      admUrl: undefined,
      smsSandbox: false,
      production: false,
      allowedHosts: [],
      allowUnauthenticatedNetwork: false,
      config: undefined,
      queues: [],
    });
  });
});

describe('precedence', () => {
  const env = { POSTHORN_PORT: '2' };

  it('is flags, environment, file, defaults', async () => {
    expect((await loadFile('port: 1')).port).toBe(1);
    expect((await loadFile('port: 1', { env })).port).toBe(2);
    expect((await loadFile('port: 1', { env, flags: '--port 3' })).port).toBe(3);
  });

  it('lets the last of two flags count', async () => {
    expect((await load({ flags: '--port 1 --port=2' })).port).toBe(2);
  });

  it('takes the file from the environment too', async () => {
    const files = { 'e.yaml': 'region: eu-west-1' };
    expect((await load({ env: { POSTHORN_CONFIG: 'e.yaml' }, files })).region).toBe('eu-west-1');
  });

  it('lets the stronger of memory and data-dir win', async () => {
    expect((await loadFile('data-dir: /x', { flags: '--memory' })).memory).toBe(true);
    expect((await loadFile('memory: true', { flags: '--data-dir /x' })).memory).toBe(false);
    expect(await refusal(load({ flags: '--memory --data-dir /x' }))).toBe(
      '--memory stores nothing, but --data-dir says where to store. Give one of them.',
    );
  });
});

describe('flags', () => {
  it.each([
    ['--port=0', { port: 0 }],
    ['--port 65535', { port: 65_535 }],
    ['--memory', { memory: true }],
    ['--memory=false', { memory: false }],
    ['--memory --port 1', { memory: true, port: 1 }],
    ['--data-dir /a=b', { dataDir: '/a=b' }],
    ['--data-dir=/a=b', { dataDir: '/a=b' }],
    ['--strict-timing --enforce-quotas', { strictTiming: true, enforceQuotas: true }],
    ['--log-level debug', { logLevel: 'debug' }],
    ['--account-id 123456789012', { accountId: '123456789012' }],
    ['--public-url https://queues.example.com/', { publicUrl: 'https://queues.example.com' }],
    ['--public-url http://proxy:80/sqs//', { publicUrl: 'http://proxy/sqs' }],
    ['--host ::1', { host: '::1' }],
    ['--host localhost', { host: 'localhost' }],
    ['--host 0.0.0.0 --allow-unauthenticated-network', { host: '0.0.0.0', allowUnauthenticatedNetwork: true }],
  ])('%s', async (flags, expected) => {
    expect(await load({ flags })).toMatchObject(expected);
  });

  it.each([
    ['--port 65536', '--port is "65536", but must be a whole number from 0 to 65535.'],
    ['--port -1', '--port is "-1", but must be a whole number from 0 to 65535.'],
    ['--port=', '--port is "", but must be a whole number from 0 to 65535.'],
    ['--port 1e3', '--port is "1e3", but must be a whole number from 0 to 65535.'],
    ['--port', '--port needs a value after it.'],
    ['--data-dir --memory', '--data-dir needs a value after it.'],
    ['--memory=yes', '--memory is "yes", but must be true or false.'],
    ['--account-id 123', '--account-id is "123", but must be 12 digits.'],
    ['--log-level loud', '--log-level is "loud", but must be one of fatal, error, warn, info, debug.'],
    ['--prot 1', '--prot is not a flag of posthorn start. Did you mean --port?'],
    ['--dataDir x', '--dataDir is not a flag of posthorn start. Did you mean --data-dir?'],
    ['4566', '"4566" is not expected here: every setting of posthorn start begins with --.'],
  ])('%s is refused', async (flags, message) => {
    expect(await refusal(load({ flags }))).toBe(message);
  });

  it('lists what is known where nothing is near', async () => {
    expect(await refusal(load({ flags: '--verbosity 3' }))).toMatch(
      /^--verbosity is not .* Known are --port, --host, /,
    );
  });

  it.each(['ftp://x', 'queues.example.com', 'http://x/?a=b', 'http://u:p@x'])('refuses the URL %s', async (url) => {
    expect(await refusal(load({ flags: `--public-url ${url}` }))).toContain('must be an http:// or https:// URL');
  });
});

describe('the environment', () => {
  it.each([
    [{ POSTHORN_DATA_DIR: '/d' }, { dataDir: '/d' }],
    [{ POSTHORN_MEMORY: '1' }, { memory: true }],
    [{ POSTHORN_PORT: '' }, { port: 4566 }],
    [{ OTHER: 'x', POSTHORN: 'x' }, { port: 4566 }],
    [{ POSTHORN_STRICT_TIMING: 'true' }, { strictTiming: true, enforceQuotas: false }],
    [{ POSTHORN_ENDPOINT: 'http://127.0.0.1:1' }, { port: 4566 }],
  ])('%o', async (env, expected) => {
    expect(await load({ env })).toMatchObject(expected);
  });

  it('names the variable', async () => {
    expect(await refusal(load({ env: { POSTHORN_PORT: 'x' } }))).toBe(
      'POSTHORN_PORT is "x", but must be a whole number from 0 to 65535.',
    );
    expect(await refusal(load({ env: { POSTHORN_DATADIR: 'x' } }))).toBe(
      'POSTHORN_DATADIR is not a variable that Posthorn knows. Did you mean POSTHORN_DATA_DIR?',
    );
  });

  it('overlooks what Kubernetes sets for a service called posthorn', async () => {
    const env = {
      POSTHORN_PORT: 'tcp://10.0.0.1:4566',
      POSTHORN_PORT_4566_TCP: 'tcp://10.0.0.1:4566',
      POSTHORN_PORT_4566_TCP_ADDR: '10.0.0.1',
      POSTHORN_SERVICE_HOST: '10.0.0.1',
      POSTHORN_SERVICE_PORT_API: '4566',
    };
    expect((await load({ env })).port).toBe(4566);
  });
});

describe('the network', () => {
  it('is opened only with a flag that says what it gives up', async () => {
    const message = await refusal(load({ flags: '--host 0.0.0.0' }));
    expect(message).toContain('read, send and delete every message');
    expect(message).toContain('--allow-unauthenticated-network');
    expect(await refusal(load({ flags: '--host ::' }))).toContain('signatures are not verified');
    expect(await refusal(load({ flags: '--host 127.evil.example' }))).toContain('signatures are not verified');
  });
});

describe('signatures and keys', () => {
  const id = 'AKIAIOSFODNN7EXAMPLE';
  const key = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
  const masterKey = Buffer.alloc(32, 7).toString('base64');

  it('open the network when they are verified', async () => {
    expect(await load({ flags: '--host 0.0.0.0 --auth enforce' })).toMatchObject({ host: '0.0.0.0', auth: 'enforce' });
    expect(await refusal(load({ flags: '--host 0.0.0.0' }))).toContain('--auth enforce');
  });

  it('take secrets from the environment and from the file', async () => {
    const env = { POSTHORN_ROOT_SECRET_ACCESS_KEY: key, POSTHORN_MASTER_KEY: masterKey };
    expect(await load({ env, flags: `--auth enforce --root-access-key-id ${id}` })).toMatchObject({
      ...{ rootAccessKeyId: id, rootSecretAccessKey: key, masterKey },
    });
    const file = `auth: enforce\nroot-access-key-id: ${id}\nroot-secret-access-key: ${key}\nmaster-key-file: /run/key`;
    expect(await loadFile(file)).toMatchObject({ rootSecretAccessKey: key, masterKeyFile: '/run/key' });
  });

  it.each([
    ['root-secret-access-key', key],
    ['master-key', masterKey],
  ])('refuse --%s, and do not repeat it', async (name, value) => {
    for (const flags of [`--${name} ${value}`, `--${name}=${value}`]) {
      const message = await refusal(load({ flags }));
      const variable = `POSTHORN_${name.replaceAll('-', '_').toUpperCase()}`;
      expect(message).toContain(`Use the variable ${variable}, or ${name}: in the configuration file.`);
      expect(message).not.toContain(value);
    }
  });

  it('do not repeat a secret that can not be one', async () => {
    const message = await refusal(load({ env: { POSTHORN_ROOT_SECRET_ACCESS_KEY: 'too short' } }));
    expect(message).toBe('POSTHORN_ROOT_SECRET_ACCESS_KEY must be 16 characters or more, without spaces.');
    expect(await refusal(loadFile('master-key: c2hvcnQ='))).toMatch(/^x\.yaml, line 1: master-key must be 32 bytes/);
    expect(await refusal(load({ flags: `--root-access-key-id ASIAIOSFODNN7EXAMPLE` }))).toContain('ASIA');
  });

  it.each<[flags: string, env: Record<string, string>, sentence: string]>([
    [`--root-access-key-id ${id}`, {}, '--root-access-key-id needs POSTHORN_ROOT_SECRET_ACCESS_KEY beside it.'],
    [
      '',
      { POSTHORN_ROOT_SECRET_ACCESS_KEY: key },
      'POSTHORN_ROOT_SECRET_ACCESS_KEY needs POSTHORN_ROOT_ACCESS_KEY_ID beside it.',
    ],
    [
      `--root-access-key-id ${id}`,
      { POSTHORN_ROOT_SECRET_ACCESS_KEY: key },
      '--root-access-key-id protects nothing without --auth enforce: add that.',
    ],
    [
      '--master-key-file m.key',
      { POSTHORN_MASTER_KEY: masterKey },
      'POSTHORN_MASTER_KEY and --master-key-file both say what the master key is. Give one.',
    ],
  ])('belong together: %s %j', async (flags, env, sentence) => {
    expect(await refusal(load({ flags, env }))).toBe(sentence);
  });

  it('may be of several accounts', async () => {
    const accounts = ['111122223333', '444455556666'];
    expect(await load({ flags: `--accounts ${accounts.join(',')}` })).toMatchObject({ accounts });
    expect(await loadFile(`accounts: ${accounts.join(', ')}`)).toMatchObject({ accounts });
    expect(await refusal(load({ flags: '--accounts 1,2' }))).toContain('12 digits each');
  });

  it('may be kept for another time, with auth off', async () => {
    const env = { POSTHORN_ROOT_ACCESS_KEY_ID: id, POSTHORN_ROOT_SECRET_ACCESS_KEY: key };
    expect(await load({ env, flags: '--auth off' })).toMatchObject({ auth: 'off', rootAccessKeyId: id });
  });

  it('are listed without a flag that others could see', () => {
    expect(describeSettings()).toContain('  POSTHORN_MASTER_KEY=<base64>\n');
    expect(describeSettings()).not.toContain('--master-key <');
  });
});

describe('the help text', () => {
  it('has every setting with its default', () => {
    const text = describeSettings();
    expect(text).toContain('--port <port>\n      port to listen on; 0 takes any free one (default: 4566)');
    expect(text).toMatch(/--memory\n {6}store nothing/);
    expect(text).toContain('--log-level <fatal|error|warn|info|debug>');
    expect(text.match(/^ {2}--/gm)).toHaveLength(45);
  });
});

describe('deliveries', () => {
  it('may have a relay with a password, and hosts that are allowed', async () => {
    const flags =
      '--smtp-url smtp://a:b@mail.example.com:587 --production --allowed-hosts hooks.example.com,10.0.0.0/8';
    expect(await load({ flags, env: { POSTHORN_FCM_URL: 'https://fcm.googleapis.com/' } })).toMatchObject({
      smtpUrl: 'smtp://a:b@mail.example.com:587',
      production: true,
      allowedHosts: ['hooks.example.com', '10.0.0.0/8'],
      fcmUrl: 'https://fcm.googleapis.com',
    });
  });

  it.each([
    ['--smtp-url mail.example.com', 'a URL that begins with smtp:// or smtps://'],
    ['--sms-gateway-url smtp://x', 'a URL that begins with http:// or https://'],
    ['--apns-url apple', 'an http:// or https:// URL'],
    ['--allowed-hosts http://x', 'names of hosts, addresses and networks'],
    ['--allowed-hosts a,,b', 'names of hosts, addresses and networks'],
  ])('refuse %s', async (flags, text) => {
    expect(await refusal(load({ flags }))).toContain(text);
  });
});
