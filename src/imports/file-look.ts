import { COLUMN_NAMES } from '../connectors/csv/header.js';
import type { CellFault } from '../connectors/csv/row-values.js';
import { PLACE, plannedLine, type PlannedChange } from '../runs/plan.types.js';
import { reason } from '../sync/reasons.js';
import { NOTHING_FOUND, type Found } from './imports.types.js';

/** Names that are shown of teams and positions which are not here. */
const MOST_NAMES = 200;

/** Stretches of lines that are kept; of a file with more of them, the rest is told by number alone. */
const MOST_STRETCHES = 50_000;

/** What one look at a file gathers on its way through. */
export class FileLook {
  readonly found: Found = { ...NOTHING_FOUND, missingTeams: [], missingPositions: [] };
  /** First and last line of each stretch that changes nothing. */
  unchanged: number[] = [];
  /** Rows whose address a later row has that says something else: the line of that row. */
  readonly contradicted = new Map<number, { line: number; label: string }>();
  private readonly teams = new Set<string>();
  private readonly positions = new Set<string>();
  private lastUnchanged = -1;
  private seq = 0;

  nextSeq(): number {
    return (this.seq += 1);
  }

  /** @param before The row before, changed or not: a stretch goes over lines that a row takes several of. */
  leave(line: number, before: number): void {
    this.found.unchanged += 1;
    if (this.lastUnchanged === before && this.unchanged.length > 0) this.unchanged[this.unchanged.length - 1] = line;
    else if (this.unchanged.length < 2 * MOST_STRETCHES) this.unchanged.push(line, line);
    this.lastUnchanged = line;
  }

  isUnchanged(line: number): boolean {
    let low = 0;
    let high = this.unchanged.length / 2;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.unchanged[2 * middle + 1] ?? 0) < line) low = middle + 1;
      else high = middle;
    }
    return (this.unchanged[2 * low] ?? Infinity) <= line;
  }

  /** Rows that were thought to change nothing. @param lines Ascending. */
  takeBack(lines: readonly number[]): void {
    const left: number[] = [];
    let next = 0;
    for (let at = 0; at < this.unchanged.length; at += 2) {
      let first = this.unchanged[at] ?? 0;
      const last = this.unchanged[at + 1] ?? 0;
      while ((lines[next] ?? Infinity) < first) next += 1;
      for (let line = lines[next]; line !== undefined && line <= last; line = lines[(next += 1)]) {
        this.found.unchanged -= 1;
        if (first < line) left.push(first, line - 1);
        first = line + 1;
      }
      if (first <= last) left.push(first, last);
    }
    this.unchanged = left;
  }

  missing(team: string | null, position: string | null): void {
    if (team !== null && this.teams.size < MOST_NAMES) this.teams.add(team);
    if (position !== null && this.positions.size < MOST_NAMES) this.positions.add(position);
  }

  names(): Pick<Found, 'missingTeams' | 'missingPositions'> {
    const sorted = (names: ReadonlySet<string>): string[] => [...names].sort((a, b) => a.localeCompare(b, 'en'));
    return { missingTeams: sorted(this.teams), missingPositions: sorted(this.positions) };
  }
}

/** The line of a row that cannot be judged. */
export function faultyLine(seq: number, line: number, label: string, faults: readonly CellFault[]): PlannedChange {
  const [first] = faults;
  const because =
    faults.length === 1
      ? (first?.text ?? '')
      : faults.map(({ field, text }) => `${COLUMN_NAMES[field]}: ${text}`).join(' ');
  const field = first?.field ?? 'email';
  return skipped(seq, label, 'file_fault', reason('file_faulty', { line, field, because }));
}

/** The line of a row that changes nothing, and something is to be said of it. */
export function leftLine(seq: number, line: number, label: string, because: string): PlannedChange {
  return skipped(seq, label, 'file_row', reason('file_left', { line, because }));
}

function skipped(seq: number, label: string, situation: string, why: PlannedChange['reason']): PlannedChange {
  return plannedLine({ seq, kind: 'skip', situation, label, reason: why, place: PLACE.team });
}
