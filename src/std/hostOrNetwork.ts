import { isIP } from 'node:net';

/** A name of a host, an address, or a network like `10.1.0.0/16`. */
export function isHostOrNetwork(text: string): boolean {
  if (!text.includes('/')) return isIP(text) !== 0 || /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/i.test(text);
  const [address = '', bits = '', ...rest] = text.split('/');
  const family = isIP(address);
  return family !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}
