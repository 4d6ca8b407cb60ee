import type { Company } from '../company/company.ts';
import type { Route } from '../http/answer.ts';
import type { Listening } from '../http/listen.ts';
import type { FaultAction, PagePosition } from './model.ts';

export type ProviderName = 'okta' | 'google';

export interface FaultTarget {
  readonly server: Pick<Listening, 'faults' | 'stranger' | 'setLatency'>;
  readonly company: Company;
  readonly provider: ProviderName;
  /** Which list is read; the whole directory's by default. */
  readonly route?: Route;
}

/** Words of the fault matrix. Two joined by `|` are both right. */
export type FaultOutcome =
  | 'RETRY-OK'
  | 'CLEAN-ABORT'
  | 'RETRY-OK | CLEAN-ABORT'
  | 'QUARANTINE'
  | 'HOLD'
  | 'SKIP'
  | 'CONFLICT'
  | 'EQUAL'
  | 'NO REMOVAL';

/** A way to bring about one row of the fault matrix. */
export interface FaultRow {
  /** `F-01`. */
  readonly id: string;
  readonly variant: string;
  readonly providers: readonly ProviderName[];
  /** Where in the list it can strike; null when it is not about a page. */
  readonly pages: readonly PagePosition[] | null;
  /** `company`: the directory itself says so; `scope`: a group or unit has to be in use; `wire`: only the answers. */
  readonly by: 'wire' | 'company' | 'scope';
  /** For credentials that can be renewed; an API token cannot, so 401 once is then as 401 for ever. */
  readonly outcome: FaultOutcome;
  inject(target: FaultTarget, page?: PagePosition): void;
}

export const BOTH: readonly ProviderName[] = ['okta', 'google'];
export const EACH: readonly PagePosition[] = ['first', 'middle', 'last'];
/** Faults about what comes next make no sense on the last page. */
export const NOT_LAST: readonly PagePosition[] = ['first', 'middle'];

interface WireOptions {
  readonly times?: number | 'forever';
  readonly providers?: readonly ProviderName[];
  readonly pages?: readonly PagePosition[] | null;
  readonly route?: Route;
}

/** A row that spoils answers and leaves the company alone. */
export function wire(
  id: string,
  variant: string,
  outcome: FaultOutcome,
  action: FaultAction,
  options: WireOptions = {},
): FaultRow {
  const pages = options.pages === undefined ? EACH : options.pages;
  return {
    id,
    variant,
    providers: options.providers ?? BOTH,
    pages,
    by: 'wire',
    outcome,
    inject: ({ server, route }, page) => {
      server.faults.add({
        name: `${id} ${variant}`,
        route: options.route ?? route ?? 'users.list',
        times: options.times ?? 1,
        ...(pages === null ? {} : { page: page ?? 'first' }),
        do: action,
      });
    },
  };
}

/** A row that the company lives through: what is served is true. */
export function lived(
  id: string,
  variant: string,
  outcome: FaultOutcome,
  happen: (company: Company) => void,
): FaultRow {
  return {
    id,
    variant,
    providers: BOTH,
    pages: null,
    by: 'company',
    outcome,
    inject: ({ company }) => happen(company),
  };
}
