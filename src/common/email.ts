import isEmail from 'isemail';
import tr46 from 'tr46';

/** RFC 5321 with its erratum 1690: a path of 256 octets has two angle brackets. */
const LONGEST_ADDRESS = 254;
const LONGEST_LOCAL_PART = 64;
const LONGEST_DOMAIN = 253;

/** Labels that IDNA leaves as they are, but for case; nearly all are such, and IDNA takes twenty times as long. */
const PLAIN_DOMAIN = /^(?![xX][nN]--)[A-Za-z0-9-]{1,63}(?:\.(?![xX][nN]--)[A-Za-z0-9-]{1,63})*$/u;

/** What nearly all addresses are, and all of the below says of them is their lower case. */
const PLAIN_ADDRESS = /^[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,63}$/i;
const LONGEST_LABEL = /[^.@]{64}/;

function isPlain(address: string): boolean {
  return (
    address.length <= LONGEST_ADDRESS &&
    PLAIN_ADDRESS.test(address) &&
    address.indexOf('@') <= LONGEST_LOCAL_PART &&
    !LONGEST_LABEL.test(address.slice(address.indexOf('@') + 1))
  );
}

function toAscii(domain: string): string | null {
  return tr46.toASCII(domain, {
    checkHyphens: false,
    checkBidi: true,
    checkJoiners: true,
    useSTD3ASCIIRules: true,
    transitionalProcessing: false,
    verifyDNSLength: true,
  });
}

/**
 * The canonical form of a domain: lower case, IDNA ASCII (`xn--`), no trailing dot. Null for what is no domain
 * of at least two labels; addresses in numbers are none.
 */
export function canonicalDomain(raw: string): string | null {
  const text = raw.normalize('NFC').trim().replace(/\.$/u, '');
  const ascii = PLAIN_DOMAIN.test(text) ? text.toLowerCase() : toAscii(text);
  if (ascii === null || ascii.length > LONGEST_DOMAIN) return null;
  const labels = ascii.split('.');
  if (labels.length < 2 || labels.some((label) => label.startsWith('-') || label.endsWith('-'))) return null;
  return /^\d+$/u.test(labels.at(-1) ?? '') ? null : ascii;
}

/** Full case folding by way of both cases, in NFC; applied until nothing changes, which is at once or nearly so. */
export function foldCase(text: string): string {
  let folded = text.normalize('NFC');
  for (let round = 0; round < 4; round++) {
    const next = folded.toUpperCase().toLowerCase().normalize('NFC');
    if (next === folded) break;
    folded = next;
  }
  return folded;
}

/**
 * The one canonical form of an e-mail address: trimmed, NFC, case-folded, domain in IDNA ASCII form. Everything
 * that stores, indexes or compares addresses uses this and nothing else.
 *
 * @returns Null when it is no address (quoted local parts, comments and numeric hosts included: no directory has
 *   them, and they are how addresses are smuggled), or when a part is longer than RFC 5321 allows, in UTF-8.
 */
export function canonicalEmail(raw: string): string | null {
  if (isPlain(raw)) return raw.toLowerCase();
  if (raw.length > 4 * LONGEST_ADDRESS) return null;
  const trimmed = raw.normalize('NFC').trim();
  const at = trimmed.lastIndexOf('@');
  if (at < 1 || /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Z}"(),:;<>[\\\]]/u.test(trimmed)) return null;
  const local = foldCase(trimmed.slice(0, at));
  const domain = canonicalDomain(trimmed.slice(at + 1));
  if (domain === null || local.includes('@')) return null;
  const address = `${local}@${domain}`;
  if (Buffer.byteLength(local) > LONGEST_LOCAL_PART || Buffer.byteLength(address) > LONGEST_ADDRESS) return null;
  return isEmail.validate(address, { errorLevel: false, minDomainAtoms: 2 }) ? address : null;
}

/** The domain of a canonical address. */
export function emailDomain(canonical: string): string {
  return canonical.slice(canonical.lastIndexOf('@') + 1);
}
