import { describe, expect, it } from 'vitest';
import { loadSettings } from './settings.ts';

const arn = 'arn:aws:iam::111122223333:user/orders';
const tls = ['--tls-cert', 'c', '--tls-key', 'k', '--tls-client-ca', 'a'];

function load(argv: string[], file?: string) {
  const config = file === undefined ? [] : ['--config', 'x.yaml'];
  return loadSettings({ argv: [...argv, ...config], env: {}, readFile: async () => file ?? '' });
}

describe('the principals of client certificates', () => {
  it('are pairs in a flag', async () => {
    const odd = 'arn:aws:sts::111122223333:assumed-role/a,b=c/session';
    const { tlsClientPrincipals } = await load([...tls, '--tls-client-principals', `orders=${arn}, a b=${odd}`]);
    expect(tlsClientPrincipals).toEqual({ orders: arn, 'a b': odd });
  });

  it('are a map, or lines, in the file', async () => {
    const fingerprint = 'AB:'.repeat(32).slice(0, -1);
    const asMap = `tls-client-principals:\n  orders: ${arn}\n  "${fingerprint}": ${arn}2\n`;
    expect((await load(tls, asMap)).tlsClientPrincipals).toEqual({ orders: arn, [fingerprint]: `${arn}2` });
    const asLines = `tls-client-principals: |\n  orders = ${arn}\n  ${fingerprint}=${arn}2\n`;
    expect((await load(tls, asLines)).tlsClientPrincipals).toEqual({ orders: arn, [fingerprint]: `${arn}2` });
  });

  it.each(['orders', 'orders=me', `=${arn}`, `orders=${arn},orders=${arn}2`, 'orders=arn:aws:s3:::bucket', ' '])(
    'are refused if they are unclear: %s',
    async (text) => {
      await expect(load([...tls, '--tls-client-principals', text])).rejects.toThrow(/must be a list like orders=arn/);
    },
  );

  it('are the only setting that may be a map', async () => {
    await expect(load(tls, 'host:\n  a: b\n')).rejects.toThrow(/line 1: host must be a single value/);
  });
});

describe('settings of TLS', () => {
  it.each([
    [['--tls-cert', 'c'], '--tls-cert needs --tls-key'],
    [['--tls-key', 'k'], '--tls-key needs --tls-cert'],
    [['--tls-client-ca', 'a'], '--tls-client-ca needs --tls-cert'],
    [['--tls-min-version', '1.3'], '--tls-min-version needs --tls-cert'],
    [
      ['--tls-cert', 'c', '--tls-key', 'k', '--tls-client-certificates', 'optional'],
      '--tls-client-certificates needs --tls-client-ca',
    ],
    [
      ['--tls-cert', 'c', '--tls-key', 'k', '--tls-client-principals', `a=${arn}`],
      '--tls-client-principals needs --tls-client-ca',
    ],
    [['--tls-min-version', '1.1'], '--tls-min-version is "1.1", but must be one of 1.2, 1.3'],
    [['--requests-per-second', '0'], '--requests-per-second is "0", but must be a whole number from 1'],
  ])('that protect nothing are refused: %s', async (argv, text) => {
    await expect(load(argv)).rejects.toThrow(text);
  });

  it('may all be there', async () => {
    const more = [
      '--tls-min-version',
      '1.3',
      '--tls-client-certificates',
      'optional',
      '--max-connections-per-address',
      '5',
    ];
    expect(await load([...tls, ...more])).toMatchObject({
      ...{ tlsCert: 'c', tlsKey: 'k', tlsClientCa: 'a', tlsMinVersion: '1.3', tlsClientCertificates: 'optional' },
      ...{ maxConnectionsPerAddress: 5, maxConnections: undefined, requestsPerSecond: undefined },
    });
  });
});
