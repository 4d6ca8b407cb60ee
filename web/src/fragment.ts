/**
 * The secret behind the `#` of the address, taken out of it at once: it was never sent to anybody, and does not stay in the
 * history. Read once when the page begins.
 */
export function takeSecret(): string | null {
  const secret = location.hash.slice(1);
  if (secret === '') return null;
  history.replaceState(null, '', location.pathname + location.search);
  return secret;
}
