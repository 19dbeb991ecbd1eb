/** The open connections of a listener: how many each address has, and which have not asked for anything yet. */

import type { Socket } from 'node:net';

export class Connections {
  readonly #perAddressMax: number;
  readonly #byAddress = new Map<string, number>();
  /** Node does not count these as idle, and would wait for them when closing. */
  readonly #unused = new Set<Socket>();

  constructor(perAddressMax: number) {
    this.#perAddressMax = perAddressMax;
  }

  /** Of a connection that was accepted; false if its address has too many, and it is to be ended. */
  admit(socket: Socket): boolean {
    const address = clientNetwork(socket.remoteAddress);
    const open = (this.#byAddress.get(address) ?? 0) + 1;
    if (open > this.#perAddressMax) return false;
    this.#byAddress.set(address, open);
    this.#unused.add(socket);
    socket.once('close', () => {
      this.#unused.delete(socket);
      this.#leave(address);
    });
    return true;
  }

  /** What goes on over TLS goes on in a socket of its own. */
  secured(raw: Socket | undefined, socket: Socket): void {
    if (raw !== undefined) this.#unused.delete(raw);
    this.#unused.add(socket);
    socket.once('close', () => this.#unused.delete(socket));
  }

  /** It goes on with Node, as if it were new. */
  unused(socket: Socket): void {
    if (!socket.destroyed) this.#unused.add(socket);
  }

  used(socket: Socket): void {
    this.#unused.delete(socket);
  }

  endUnused(): void {
    for (const socket of this.#unused) socket.destroy();
  }

  #leave(address: string): void {
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
