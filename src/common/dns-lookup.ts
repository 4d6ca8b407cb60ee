import { type LookupAddress, NODATA, NOTFOUND, Resolver } from 'node:dns';

import { codeOf } from './errors.js';

/** Finds the addresses of a host. */
export type HostResolver = (
  host: string,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Asks the DNS itself, for names that strangers give. The system's own look-up holds one of the few threads of the process
 * for as long as a name server pleases: a handful of slow names, and nobody else finds theirs (O-61).
 *
 * @param servers As `address:port`; the system's, where none are given.
 */
export function resolveByDns(timeoutMs: number, servers: readonly string[] = []): HostResolver {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
  if (servers.length > 0) resolver.setServers([...servers]);
  return (host, done) => {
    const found: LookupAddress[] = [];
    let failed: NodeJS.ErrnoException | null = null;
    let open = 2;
    const take = (family: 4 | 6) => (error: NodeJS.ErrnoException | null, addresses: readonly string[]) => {
      if (error === null) found.push(...addresses.map((address) => ({ address, family })));
      // That there is none of one kind says less than that nobody answered.
      else if (failed === null || hasNone(failed)) failed = error;
      if (--open > 0) return;
      if (found.length > 0) done(null, found);
      else done(failed, []);
    };
    resolver.resolve4(host, take(4));
    resolver.resolve6(host, take(6));
  };
}

function hasNone(error: NodeJS.ErrnoException): boolean {
  const code = codeOf(error);
  return code === NODATA || code === NOTFOUND;
}
