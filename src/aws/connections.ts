/** The open connections of a listener: how many each address has, and which have not asked for anything yet. */

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { EdgeLimits } from './limits.ts';

export class Connections {
  readonly #limits: Pick<EdgeLimits, 'connectionsMax' | 'connectionsPerAddressMax'>;
  readonly #byAddress = new Map<string, number>();
  #open = 0;
  #ended: () => void = () => undefined;
  /** Node does not count these as idle, and would wait for them when closing. */
  readonly #unused = new Set<Duplex>();

  constructor(limits: Pick<EdgeLimits, 'connectionsMax' | 'connectionsPerAddressMax'>) {
    this.#limits = limits;
  }

  /** Of a connection that was accepted: what to call when it has ended, or the limit that it is beyond. */
  admit({ remoteAddress }: Pick<Socket, 'remoteAddress'>): (() => void) | 'total' | 'perAddress' {
    const address = clientNetwork(remoteAddress);
    const open = (this.#byAddress.get(address) ?? 0) + 1;
    if (this.#open >= this.#limits.connectionsMax) return 'total';
    if (open > this.#limits.connectionsPerAddressMax) return 'perAddress';
    this.#open += 1;
    this.#byAddress.set(address, open);
    return () => this.#leave(address);
  }

  /** It is for Node, and has not asked for anything. */
  unused(socket: Duplex): void {
    this.#unused.add(socket);
    socket.once('close', () => this.#unused.delete(socket));
  }

  used(socket: Duplex): void {
    this.#unused.delete(socket);
  }

  endUnused(): void {
    for (const socket of this.#unused) socket.destroy();
  }

  /** Resolves once none is open. */
  async ended(): Promise<void> {
    if (this.#open === 0) return;
    await new Promise<void>((resolve) => {
      this.#ended = resolve;
    });
  }

  #leave(address: string): void {
    this.#open -= 1;
    if (this.#open === 0) this.#ended();
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, left);
  }
}

/**
 * What one client can be told by: an IPv4 address, or the /64 of an IPv6 address, of which everyone has the whole to choose
 * addresses from.
 */
export function clientNetwork(address: string | undefined): string {
  if (address === undefined) return '';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!address.includes(':')) return address;
  const [before = '', after] = (address.split('%')[0] ?? '').split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? [] : Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(':')}::/64`;
}
