import ipaddr from 'ipaddr.js';

export type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/**
 * An address as it is compared: IPv4-mapped IPv6 is IPv4.
 *
 * @returns null for anything that is not one whole address: zones, ports, octal and short forms included.
 */
export function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (text.length > 45 || text.includes('%')) return null;
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return ipaddr.IPv6.isValid(text) && text.includes(':') ? ipaddr.process(text) : null;
}

/** `192.0.2.0/24`, `2001:db8::/32` or a single address; null when it is neither. */
export function parseNetwork(text: string): Network | null {
  const [address = '', bits, ...rest] = text.split('/');
  const parsed = parseAddress(address);
  if (!parsed || rest.length > 0) return null;
  const all = parsed.kind() === 'ipv4' ? 32 : 128;
  if (bits === undefined) return [parsed, all];
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > all) return null;
  return [parsed, Number(bits)];
}

/** Whether the address lies in one of the networks; families never match each other. */
export function liesIn(address: string, networks: readonly string[]): boolean {
  const parsed = parseAddress(address);
  return parsed !== null && networks.some((network) => matches(parsed, parseNetwork(network)));
}

/** Whether every address of `inner` also lies in one of `outer`. */
export function isWithin(inner: string, outer: readonly string[]): boolean {
  const small = parseNetwork(inner);
  if (!small) return false;
  return outer.some((text) => {
    const large = parseNetwork(text);
    return large !== null && large[1] <= small[1] && matches(small[0], large);
  });
}

/** Whom a rate limit counts as one: an IPv4 address, or the /64 that one IPv6 host owns whole. */
export function neighbourhoodOf(address: string): string {
  const parsed = parseAddress(address);
  if (parsed === null) return 'unknown';
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toNormalizedString()}/64`).toString()}/64`;
}

function matches(address: ipaddr.IPv4 | ipaddr.IPv6, network: Network | null): boolean {
  return network !== null && address.kind() === network[0].kind() && address.match(network);
}
