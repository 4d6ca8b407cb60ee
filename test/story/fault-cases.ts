import { FAULT_ROWS, type FaultRow, type PagePosition } from '../simulators/index.ts';
import type { ProviderName } from '../support/story-world.js';

export interface FaultCase {
  row: FaultRow;
  page: PagePosition | undefined;
}

export function nameOf({ row, page }: FaultCase): string {
  return `${row.id} ${row.variant}${page === undefined ? '' : ` on the ${page} page`}: ${row.outcome}`;
}

function casesOf(provider: ProviderName, fits: (row: FaultRow) => boolean): [string, FaultCase][] {
  return FAULT_ROWS.filter((row) => row.providers.includes(provider) && fits(row)).flatMap((row) =>
    (row.pages ?? [undefined]).map((page): [string, FaultCase] => {
      const one = { row, page };
      return [nameOf(one), one];
    }),
  );
}

const needsGroup = (row: FaultRow): boolean => row.by === 'wire' && (row.id === 'F-07' || row.id === 'F-08');
const needsLog = (row: FaultRow): boolean => row.id === 'F-71';

/** The answers of a directory of three pages are spoilt; the company is well. */
export const wireCases = (provider: ProviderName): [string, FaultCase][] =>
  casesOf(provider, (row) => row.by === 'wire' && !needsGroup(row) && !needsLog(row));

/** What is served is true: the company lives through it. */
export const companyCases = (provider: ProviderName): [string, FaultCase][] =>
  casesOf(provider, (row) => row.by === 'company' && !needsLog(row));

/** A group, a unit or the application is the scope. */
export const scopeCases = (provider: ProviderName): [string, FaultCase][] =>
  casesOf(provider, (row) => row.by === 'scope' || needsGroup(row));

/** Incremental reads. */
export const deltaCases = (provider: ProviderName): [string, FaultCase][] => casesOf(provider, needsLog);
