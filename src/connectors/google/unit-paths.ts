/**
 * The path of a unit in one form: a slash in front, none behind, NFC. The root is `/`. Some of Google's own samples
 * lack the slash in front.
 */
export function normalUnitPath(path: string): string {
  const steps = path
    .normalize('NFC')
    .split('/')
    .filter((step) => step !== '');
  return `/${steps.join('/')}`;
}

/** Is the unit at `path` the one at `above`, or below it? Both in normal form. `/salesforce` is not below `/sales`. */
export function isWithin(path: string, above: string): boolean {
  return above === '/' || path === above || (path.startsWith(above) && path.charCodeAt(above.length) === 47);
}
