/** Every setting that weakens the installation is called `insecure…`: the paths of those that are on, for a warning at each start. */
export function weakenedBy(config: object, path: readonly string[] = []): string[] {
  return Object.entries(config).flatMap(([key, value]: [string, unknown]) => {
    const here = [...path, key];
    if (typeof value === 'object' && value !== null) return weakenedBy(value, here);
    return value === true && key.startsWith('insecure') ? [here.join('.')] : [];
  });
}
