/**
 * Keeps deliveries away from this machine and its network. Whoever may subscribe names the address; without a guard the
 * server would post for him to databases, metadata services and its own port (server-side request forgery).
 *
 * A name is judged by the addresses that it resolves to, in the look-up that the connection itself makes: one that is
 * checked and then resolved again could have changed meanwhile (DNS rebinding).
 */
import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** The form of `dns.lookup` that gives all addresses. */
export type ResolveAll = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

export class AddressRefused extends Error {
  readonly code = 'AddressRefused';

  constructor(host: string) {
    super(`${host} is not an address on the public internet, and is not among the allowed hosts.`);
    this.name = 'AddressRefused';
  }
}

export interface AddressGuard {
  readonly lookup: LookupFunction;
  /** Of the host of a URL: Node looks up names only, so an address must be judged before. */
  refusalOf(host: string): AddressRefused | undefined;
}

/** Everything that IANA lists as not globally reachable, and multicast. */
const reservedIpv4 = subnets('ipv4', [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
]);
/**
 * Of IPv6 only the part that is in use for the internet may be reached. Loopback, link-local, unique local, multicast and
 * every way to write an IPv4 address as an IPv6 one (`::ffff:`, `64:ff9b::`) lie outside of it.
 */
const globalIpv6 = subnets('ipv6', ['2000::/3']);
/** Inside of it: tunnels that lead to an IPv4 address of the sender's choice, and documentation. */
const reservedIpv6 = subnets('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !reservedIpv4.check(address, 'ipv4');
  if (isIP(address) !== 6) return false;
  const plain = withoutZone(address);
  return globalIpv6.check(plain, 'ipv6') && !reservedIpv6.check(plain, 'ipv6');
}

/** `allowed` are names of hosts, addresses, and networks like `10.1.0.0/16`. */
export function createAddressGuard(
  allowed: readonly string[],
  resolveAll: ResolveAll = systemLookup as ResolveAll,
): AddressGuard {
  // Two lists, for one with both families would take IPv4 addresses for the IPv6 ones that embed them.
  const networks = { ipv4: new BlockList(), ipv6: new BlockList() };
  const names = new Set<string>();
  for (const entry of allowed) {
    const family = familyOf(entry);
    if (family === undefined) names.add(entry.toLowerCase());
    else addNetwork(networks[family], entry, family);
  }
  const mayReach = (address: string): boolean => {
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    return isPublicAddress(address) || networks[family].check(withoutZone(address), family);
  };
  return {
    refusalOf: (host) => {
      const address = host.replace(/^\[|\]$/g, '');
      return isIP(address) === 0 || mayReach(address) ? undefined : new AddressRefused(address);
    },
    lookup: (hostname, options, callback) => {
      resolveAll(hostname, { ...options, all: true }, (error, addresses) => {
        const free = names.has(hostname.toLowerCase());
        const reachable = free ? addresses : addresses?.filter(({ address }) => mayReach(address));
        const [first] = reachable ?? [];
        if (error !== null) callback(error, []);
        else if (first === undefined) callback(new AddressRefused(hostname), []);
        else if (options.all === true) callback(null, reachable);
        else callback(null, first.address, first.family);
      });
    },
  };
}

function subnets(family: 'ipv4' | 'ipv6', networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) addNetwork(list, network, family);
  return list;
}

function addNetwork(list: BlockList, network: string, family: 'ipv4' | 'ipv6'): void {
  const [address = '', bits] = network.split('/');
  list.addSubnet(address, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family);
}

function familyOf(entry: string): 'ipv4' | 'ipv6' | undefined {
  const family = isIP(entry.split('/')[0] ?? '');
  if (family === 0) return undefined;
  return family === 4 ? 'ipv4' : 'ipv6';
}

/** `fe80::1%eth0`: the part behind the percent sign names an interface, and a list would know no such address. */
function withoutZone(address: string): string {
  return address.split('%')[0] ?? address;
}
