import { liesIn, parseAddress } from './networks.js';

/** More than any honest chain of proxies needs; what is longer is not read at all. */
const LONGEST_HEADER = 2048;

/** Which hops before us may be believed: a number of them, or the networks that they stand in. */
export interface TrustedProxies {
  /** Proxies in front of the service; 0 believes no header. */
  hops: number;
  /** Networks whose addresses are proxies of ours; empty: `hops` alone decides. */
  networks: readonly string[];
}

/**
 * The address that a request came from. Read from the right: each hop that we trust vouches for the one before it, and
 * the first that is unreadable or not trusted ends the walk at the last address known for sure.
 *
 * @param peer The other end of the connection, as the socket says.
 * @param forwardedFor `X-Forwarded-For` as received; several headers are one list (RFC 9110 §5.3).
 * @returns A canonical address, or `unknown` when even the socket tells none.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | readonly string[] | undefined,
  trusted: TrustedProxies,
): string {
  let address = peer === undefined ? null : parseAddress(peer.replace(/%.*$/, ''));
  if (!address) return 'unknown';
  const header = typeof forwardedFor === 'string' ? forwardedFor : (forwardedFor ?? []).join(',');
  if (header.length > LONGEST_HEADER) return address.toString();
  const hops = header.split(',').map((hop) => hop.trim());
  for (let believed = 0; isProxy(address.toString(), believed, trusted); believed += 1) {
    const before = parseAddress(hops.pop() ?? '');
    if (!before) break;
    address = before;
  }
  return address.toString();
}

function isProxy(address: string, believed: number, trusted: TrustedProxies): boolean {
  return trusted.networks.length > 0 ? liesIn(address, trusted.networks) : believed < trusted.hops;
}
