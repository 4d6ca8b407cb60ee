import type { Config } from './config.types.js';

/** Where browsers and providers find this installation: of the configuration alone, never of a request. */
export interface PublicSite {
  /** `https://rollcall.example`, without a slash at its end. */
  origin: string;
  /** False for http on this machine alone; cookies are then without `__Host-` and `Secure`. */
  secure: boolean;
}

export function publicSiteOf({ publicUrl, port }: Pick<Config['server'], 'publicUrl' | 'port'>): PublicSite {
  const { origin, protocol } = new URL(publicUrl ?? `http://localhost:${port}`);
  return { origin, secure: protocol === 'https:' };
}
