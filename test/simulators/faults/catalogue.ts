import { COMPANY_ROWS } from './company-rows.ts';
import type { FaultRow } from './row.ts';
import { WIRE_ROWS } from './wire-rows.ts';

export type { FaultOutcome, FaultRow, FaultTarget, ProviderName } from './row.ts';

/** Every row of the fault matrix that a directory can bring about, with its variants. */
export const FAULT_ROWS: readonly FaultRow[] = [...WIRE_ROWS, ...COMPANY_ROWS];
