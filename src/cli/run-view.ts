import { RunsReading } from '../runs/runs-reading.service.js';
import type { Output } from './output.js';
import { count, duration } from './progress.js';
import type { Session } from './session.js';
import { fitted, folded, many, padded, plain, shortly } from './text.js';
import type { ChangeView, RunView } from './views.js';

type Disposition = ChangeView['disposition'];

/** A part of a plan: what a line of it means, and how it is marked. */
interface Part {
  kind?: string;
  disposition: Disposition;
  title: string;
  mark: string;
  paint: 'good' | 'warn' | 'bad' | 'dim';
  counted(counts: RunView['counts']): number;
}

const APPLIED: readonly [kind: 'add' | 'link' | 'relink' | 'restore' | 'update' | 'archive', title: string, mark: string, Part['paint']][] = [
  ['add', 'Added', '+', 'good'],
  ['link', 'Linked to somebody who is here', '=', 'good'],
  ['relink', 'Linked anew', '=', 'warn'],
  ['restore', 'Brought back', '+', 'good'],
  ['update', 'Changed', '~', 'warn'],
  ['archive', 'Archived', '-', 'bad'],
]; // prettier-ignore

const PARTS: readonly Part[] = [
  ...APPLIED.map(([kind, title, mark, paint]): Part => ({ kind, disposition: 'apply', title, mark, paint, counted: (counts) => counts[kind] })),
  { disposition: 'hold', title: 'Held: removals that an admin decides', mark: '!', paint: 'bad', counted: ({ held }) => held },
  { disposition: 'approve', title: 'Links that need your approval', mark: '?', paint: 'warn', counted: ({ approve }) => approve },
  { disposition: 'conflict', title: 'Conflicts: questions for an admin', mark: '?', paint: 'warn', counted: ({ conflict }) => conflict },
  { disposition: 'skip', title: 'Left out', mark: '·', paint: 'dim', counted: ({ skip }) => skip },
]; // prettier-ignore

const SAMPLES = 3;
const INDENT = 4;
const GAP = 2;
const LEAST_WHO = 32;
const MOST_WHO = 50;

/** The whole of a plan in a screenful: how many of each kind, a few of them with the reason, what waits for whom. */
export async function showPlan(session: Session, organisationId: string, run: RunView): Promise<void> {
  const { output } = session;
  const parts = PARTS.map((part) => ({ ...part, many: part.counted(run.counts) })).filter((part) => part.many > 0);
  if (parts.length === 0) output.line('Nothing would change.');
  for (const [index, part] of parts.entries()) {
    if (index > 0) output.line();
    const samples = await samplesOf(session, organisationId, run.id, part);
    output.line(`${output.bold(part.title)}  ${count(part.many)}`);
    changeLines(output, samples, part);
    const rest = part.many - samples.length;
    if (rest > 0) output.line(output.dim(`    … and ${count(rest)} more`));
  }
  const teams = await session.service(RunsReading).changes(organisationId, run.id, { kind: 'team', limit: 50 }, false);
  if (teams.items.length > 0) output.line(`\nNew teams  ${fitted(teams.items.map((one) => one.label).join(', '), 66)}`);
  const { unchanged } = run.counts;
  if (unchanged > 0) output.line(output.dim(`\nUnchanged  ${count(unchanged)}`));
  if (run.progress.unknown > 0) {
    output.line(output.warn(`Without an id, and left out: ${many(run.progress.unknown, 'record', 'records')}.`));
    for (const fault of run.progress.faults) output.line(`  ${fitted(fault, output.width - 2)}`);
  }
}

async function samplesOf(session: Session, organisationId: string, runId: string, part: Part): Promise<ChangeView[]> {
  const query = { limit: SAMPLES, disposition: part.disposition, ...(part.kind === undefined ? {} : { kind: part.kind }) };
  return (await session.service(RunsReading).changes(organisationId, runId, query, false)).items;
} // prettier-ignore

/** Lines of a plan, names and reasons in columns where both fit: `+ Ana Soares <ana@acme.example>  New in the directory.` */
export function changeLines(output: Output, changes: readonly ChangeView[], look?: Part): void {
  const lines = changes.map((change) => ({ ...change, about: aboutOf(change), look: look ?? lookOf(change) }));
  const room = output.width - INDENT - GAP;
  const about = Math.max(...lines.map((line) => line.about.length).filter((length) => length <= room - LEAST_WHO), 0);
  const who = Math.min(MOST_WHO, room - about);
  for (const line of lines) {
    const mark = output[line.look.paint](line.look.mark);
    if (line.about.length <= room - who) output.line(`  ${mark} ${padded(line.label, who)}  ${plain(line.about)}`);
    else {
      output.line(`  ${mark} ${fitted(line.label, room)}`);
      for (const row of folded(plain(line.about), room)) output.line(`      ${output.dim(row)}`);
    }
  }
}

function aboutOf(change: ChangeView): string {
  return (change.kind === 'update' ? differences(change) : null) ?? change.reason.text;
}

function lookOf(change: ChangeView): Part {
  const found = PARTS.find(
    (part) => part.disposition === change.disposition && (part.kind === undefined || part.kind === change.kind),
  );
  return found ?? { disposition: 'apply', title: '', mark: '·', paint: 'dim', counted: () => 0 };
}

/** `title: Engineer → Senior Engineer`; null when the fields are ids, which tell a reader nothing. */
function differences({ before, after }: ChangeView): string | null {
  if (before === null || after === null) return null;
  const shown = Object.keys(after).filter((field) => !field.endsWith('Id') && field in before);
  if (shown.length === 0) return null;
  return shown.map((field) => `${field}: ${shortly(before[field])} → ${shortly(after[field])}`).join(', ');
}

/** `12 added, 3 changed, 1 archived; 30 removals held.` */
export function sumOf({ counts }: RunView, future = false): string {
  const did = (
    [
      [counts.add, 'added'],
      [counts.link + counts.relink, 'linked'],
      [counts.restore, 'brought back'],
      [counts.update, 'changed'],
      [counts.archive, 'archived'],
    ] as const
  ).filter(([number]) => number > 0);
  const waits = [
    counts.held > 0 ? `${many(counts.held, 'removal', 'removals')} held` : '',
    counts.approve > 0 ? `${many(counts.approve, 'link waits', 'links wait')} for approval` : '',
    counts.conflict > 0 ? many(counts.conflict, 'conflict', 'conflicts') : '',
    counts.skip > 0 ? `${count(counts.skip)} left out` : '',
  ].filter((text) => text !== '');
  const nothing = future ? 'nothing to change' : 'nothing changed';
  const first = did.length === 0 ? nothing : did.map(([number, word]) => `${count(number)} ${word}`).join(', ');
  return [first, ...waits].join('; ');
}

/** How long it worked, once it is over. */
export function tookOf({ startedAt, finishedAt }: RunView): string | null {
  return startedAt === null || finishedAt === null ? null : duration(Date.parse(finishedAt) - Date.parse(startedAt));
}
