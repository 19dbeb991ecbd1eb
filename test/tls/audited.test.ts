/** Records of calls over TLS say how they were protected. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startPosthorn } from '../../src/server.ts';
import { authority, serverCredentials, writeServerFiles } from './authority.ts';

it('a record over TLS has the version, the cipher and the host that the client asked for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'posthorn-tls-audit-'));
  const { cert: tlsCert, key: tlsKey } = await writeServerFiles(folder, serverCredentials());
  const auditDir = join(folder, 'audit');
  const server = await startPosthorn({ port: 0, memory: true, tlsCert, tlsKey, auditDir });
  try {
    await new Promise<void>((resolve, reject) => {
      const target = { host: '127.0.0.1', port: server.port, path: '/?Action=ListQueues', servername: 'localhost' };
      const options = { ca: authority.certificate, agent: false, maxVersion: 'TLSv1.2' as const };
      const sent = request({ ...target, ...options }, (answer) => answer.resume().on('end', resolve));
      sent.on('error', reject).end();
    });
  } finally {
    await server.close();
  }
  const [name = ''] = await readdir(auditDir);
  expect(JSON.parse(await readFile(join(auditDir, name), 'utf8'))).toMatchObject({
    ...{ eventName: 'ListQueues', userIdentity: { type: 'Root' } },
    tlsDetails: {
      tlsVersion: 'TLSv1.2',
      cipherSuite: expect.stringMatching(/^TLS_ECDHE_/),
      clientProvidedHostHeader: `127.0.0.1:${server.port}`,
    },
  });
  await rm(folder, { recursive: true });
});
