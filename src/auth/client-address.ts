import { liesIn, parseAddress } from './networks.js';

/** More than any honest chain of proxies needs; what is longer is not read at all. */
const LONGEST_HEADER = 2048;

/**
 * The address that a request came from. Read from the right: each proxy of ours vouches for the one before it, and the
 * first that is unreadable or not ours ends the walk at the last address known for sure.
 *
 * @param peer The other end of the connection, as the socket says.
 * @param forwardedFor `X-Forwarded-For` as received; several headers are one list (RFC 9110 §5.3).
 * @param proxies Addresses and networks of our own proxies; none: no header is believed.
 * @returns A canonical address, or `unknown` when even the socket tells none.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | readonly string[] | undefined,
  proxies: readonly string[],
): string {
  let address = peer === undefined ? null : parseAddress(peer.replace(/%.*$/, ''));
  if (!address) return 'unknown';
  const header = typeof forwardedFor === 'string' ? forwardedFor : (forwardedFor ?? []).join(',');
  if (header.length > LONGEST_HEADER) return address.toString();
  const hops = header.split(',').map((hop) => hop.trim());
  while (liesIn(address.toString(), proxies)) {
    const before = parseAddress(hops.pop() ?? '');
    if (!before) break;
    address = before;
  }
  return address.toString();
}
