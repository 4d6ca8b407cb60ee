import ipaddr from 'ipaddr.js';

/** Azure answers secrets of the machine here, in the middle of public space. */
const PUBLIC_BUT_INTERNAL = new Set(['168.63.129.16']);

/** All that is global unicast in IPv6 so far (RFC 4291, IANA). */
const GIVEN_OUT = ipaddr.IPv6.parseCIDR('2000::/3');

/** The IPv4 address inside an IPv6 one, for the forms that a host may be reached by all the same. */
function inner(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (address instanceof ipaddr.IPv4) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  // 64:ff9b::/96: a translator on the way sends it to the IPv4 address in its last 32 bits.
  if (address.range() === 'rfc6052') return new ipaddr.IPv4(address.toByteArray().slice(-4));
  return address;
}

function read(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const bare = text.replace(/^\[|\]$/gu, '');
  // Four decimal parts and nothing else: the old forms (0x7f.1, 017700000001) mean different hosts to different readers.
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return ipaddr.IPv4.parse(bare);
  return ipaddr.IPv6.isValid(bare) ? ipaddr.IPv6.parse(bare) : null;
}

/** Where clouds tell a machine its secrets, beside all that is link-local. */
const METADATA = new Set([
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::23',
  'fd00:ec2::254',
  'fd20:ce::254',
]);

/** True where a cloud answers a machine's questions about itself: nobody else is ever served by calling it. */
export function isMetadata(text: string): boolean {
  const address = read(text);
  if (address === null) return false;
  const real = inner(address);
  return real.range() === 'linkLocal' || METADATA.has(real.toString());
}

/** False for an IPv6 address that only wraps an IPv4 one, whatever that is: mapped, or for a translator on the way. */
export function isPlain(text: string): boolean {
  const address = read(text);
  if (address === null) return false;
  return address instanceof ipaddr.IPv4 || !(address.isIPv4MappedAddress() || address.range() === 'rfc6052');
}

/** True for 127.0.0.0/8 and ::1, also inside IPv6. */
export function isLoopback(text: string): boolean {
  const address = read(text);
  return address !== null && inner(address).range() === 'loopback';
}

/** True for an address on the public internet: not private, loopback, link-local, multicast, reserved or a cloud's metadata. */
export function isPublic(text: string): boolean {
  const address = read(text);
  if (address === null) return false;
  const real = inner(address);
  // Of IPv6 nothing else is given out to anybody; `::7f00:1` is an old way of writing an IPv4 address.
  if (real instanceof ipaddr.IPv6 && !real.match(GIVEN_OUT)) return false;
  return real.range() === 'unicast' && !PUBLIC_BUT_INTERNAL.has(real.toString());
}
