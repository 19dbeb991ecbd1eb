import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type Door, enterDoor, openDoor, tokenBytes } from './door.ts';

async function open() {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-door-'));
  const name = `posthorn-${randomBytes(8).toString('hex')}`;
  const path = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(folder, 'door');
  const door: Door = { path, token: randomBytes(tokenBytes).toString('hex') };
  const entered: Socket[] = [];
  let come: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    come = resolve;
  });
  const server = await openDoor(door, (socket) => {
    entered.push(socket);
    come();
  });
  onTestFinished(() => {
    for (const socket of entered) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  });
  return { door, entered, first };
}

it('lets in who says the token, and hears what comes behind it', async () => {
  const { door, entered, first } = await open();
  const near = await enterDoor(door);
  near.write('first');
  await first;
  const [far] = entered;
  const [bytes] = (await once(far as Socket, 'data')) as [Buffer];
  expect(bytes.toString()).toBe('first');
  far?.write('answer');
  expect(String((await once(near, 'data'))[0])).toBe('answer');
  near.destroy();
});

it('lets in who says it in pieces', async () => {
  const { door, entered, first } = await open();
  const near = connect({ path: door.path });
  const secret = Buffer.from(door.token, 'hex');
  near.write(secret.subarray(0, 20));
  await once(near, 'connect');
  near.write(Buffer.concat([secret.subarray(20), Buffer.from('first')]));
  await first;
  expect(String((await once(entered[0] as Socket, 'data'))[0])).toBe('first');
  near.destroy();
});

it.each([
  ['another token', randomBytes(tokenBytes + 8)],
  ['too little', randomBytes(tokenBytes - 1)],
])('hangs up on who says %s', async (_, said) => {
  const { door, entered } = await open();
  const near = connect({ path: door.path });
  near.on('error', () => undefined);
  near.end(said);
  near.resume();
  await once(near, 'close');
  expect(entered).toEqual([]);
});
