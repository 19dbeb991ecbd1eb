/** Connections that are served byte by byte in another process: both of their ends in this one, over a pipe of the kernel's. */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Channel } from '../../src/edge/channel.ts';
import { EdgeTunnels, QueueTunnels } from '../../src/edge/tunnels.ts';
import { socketPair } from './socketPair.ts';

/** A client, its connection at the edge, and the socket that stands for it where the queues are. */
async function openTunnel() {
  const [pipe, connection] = await Promise.all([socketPair(), socketPair()]);
  const told: object[] = [];
  let adopted: (end: Duplex) => void = () => undefined;
  const adoption = new Promise<Duplex>((resolve) => {
    adopted = resolve;
  });
  const queueChannel = new Channel(
    pipe.far,
    (frame) => atQueues.take(frame),
    () => atQueues.close(),
  );
  const atQueues = new QueueTunnels(queueChannel, { adopt: adopted, log: { debug: (details) => told.push(details) } });
  const edgeChannel = new Channel(
    pipe.near,
    (frame) => atEdge.take(frame),
    () => undefined,
  );
  const atEdge = new EdgeTunnels(edgeChannel, 60_000);
  atEdge.open(7, connection.far, Buffer.from('first '));
  const end = await adoption;
  connection.near.on('error', () => undefined);
  return { client: connection.near, atEdge: connection.far, end, told, edgeChannel };
}

/** However it came to that. */
function closed(socket: Duplex): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', resolve);
  });
}

async function textOf(stream: Duplex): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}

describe('a tunnel', () => {
  it('brings bytes both ways, and ends with its last answer', async () => {
    const { client, atEdge, end, told } = await openTunnel();
    expect(end).toMatchObject({ remoteAddress: '127.0.0.1', localPort: client.remotePort });
    let heard = '';
    end.on('data', (chunk: Buffer) => {
      heard += chunk;
      if (heard === 'first second') end.end('answer');
    });
    client.write('second');
    expect(await textOf(client)).toBe('answer');
    await Promise.all([closed(atEdge), closed(end)]);
    expect(told).toEqual([]);
  });

  it('brings an answer to its end before it closes', async () => {
    const { client, end, told } = await openTunnel();
    const answer = 'x'.repeat(3_000_000);
    end.resume().end(answer);
    // Still sending: bytes that nobody reads must not take the answer with them.
    client.write('y'.repeat(200_000));
    expect((await textOf(client)).length).toBe(answer.length);
    await closed(end);
    expect(told).toEqual([]);
  });

  it('whose client is cut off ends, and says why', async () => {
    const { client, atEdge, end, told } = await openTunnel();
    const ended = closed(end.resume());
    client.resetAndDestroy();
    await Promise.all([ended, closed(atEdge)]);
    expect(told).toEqual([{ remoteAddress: '127.0.0.1', reason: 'read ECONNRESET' }]);
  });

  it('whose client goes as usual ends without a word', async () => {
    const { client, end, told } = await openTunnel();
    const ended = closed(end.resume());
    client.end();
    await Promise.all([ended, textOf(client)]);
    expect(told).toEqual([]);
  });

  it('that fails where it is served ends at its client, and says why', async () => {
    const { client, atEdge, end, told } = await openTunnel();
    end.destroy(new Error('nobody can read this'));
    expect(await textOf(client)).toBe('');
    await closed(atEdge);
    expect(told).toEqual([{ remoteAddress: '127.0.0.1', reason: 'nobody can read this' }]);
  });

  it('ends with the pipe', async () => {
    const { end, edgeChannel } = await openTunnel();
    const ended = closed(end.resume());
    edgeChannel.close();
    await ended;
  });

  it('does not hear a client whose requests wait', async () => {
    const { client, atEdge, end } = await openTunnel();
    const bytes = Buffer.alloc(20_000_000, 'z');
    client.end(bytes);
    while (!atEdge.isPaused()) await nextTurn();
    expect(end.readableLength).toBeLessThan(bytes.length / 2);
    let heard = 0;
    end.on('data', (chunk: Buffer) => {
      heard += chunk.length;
    });
    await closed(end);
    expect(heard).toBe('first '.length + bytes.length);
  });

  it('does not hear a client that reads no answers', async () => {
    const { client, atEdge, end } = await openTunnel();
    client.pause();
    end.resume();
    const answer = Buffer.alloc(100_000, 'a');
    while (!atEdge.isPaused()) {
      end.write(answer);
      await nextTurn();
    }
    client.resume();
    while (atEdge.isPaused()) await nextTurn();
    const heard = once(end, 'data');
    client.write('again');
    expect(String((await heard)[0])).toBe('again');
  });
});
