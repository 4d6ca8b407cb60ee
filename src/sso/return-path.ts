const LONGEST = 2_000;
const HOME = '/';

/** Only the parsing of it matters. */
const OWN = 'https://own.invalid';

/**
 * Where a browser goes after it signed in (O-12): a path of our own, parsed and written anew. Everything else is `/`.
 *
 * @param raw What somebody asked for; null or undefined when nobody did.
 */
export function returnPath(raw: string | null | undefined): string {
  if (raw === null || raw === undefined || raw.length > LONGEST || !isPlainPath(raw)) return HOME;
  const written = rewritten(raw);
  // What is written is read by a browser again: it must still be a path of ours then.
  return written !== null && isPlainPath(written) && rewritten(written) === written && written.length <= LONGEST
    ? written
    : HOME;
}

/** One slash and then anything but another one: two begin a host. Browsers take a backslash for a slash. */
function isPlainPath(text: string): boolean {
  return /^\/(?![/\\])/u.test(text) && !/[\p{Cc}\p{Cs}\\]/u.test(text);
}

function rewritten(path: string): string | null {
  if (!URL.canParse(path, OWN)) return null;
  const url = new URL(path, OWN);
  return url.origin === OWN && url.username === '' && url.password === ''
    ? `${url.pathname}${url.search}${url.hash}`
    : null;
}
