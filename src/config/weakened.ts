/**
 * What weakens the installation, for a warning at each start. Every such switch is called `insecure…`; hosts that may be
 * called although their addresses are private are told too, for each of them opens one.
 */
export function weakenedBy(config: object, path: readonly string[] = []): string[] {
  return Object.entries(config).flatMap(([key, value]: [string, unknown]) => {
    const here = [...path, key];
    if (Array.isArray(value)) return key === 'allowedHosts' && value.length > 0 ? [here.join('.')] : [];
    if (typeof value === 'object' && value !== null) return weakenedBy(value, here);
    return value === true && key.startsWith('insecure') ? [here.join('.')] : [];
  });
}
