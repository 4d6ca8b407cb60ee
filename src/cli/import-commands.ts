import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Command, Option } from 'commander';
import { RollcallError } from '../common/errors.js';
import { Imports } from '../imports/imports.service.js';
import type { ImportOptions } from '../imports/imports.types.js';
import { ImportFiles } from '../imports/import-files.service.js';
import { Uploads } from '../imports/uploads.service.js';
import { PeopleExport } from '../people/people-export.service.js';
import { RunsReading } from '../runs/runs-reading.service.js';
import { inOrganisation, examples, organisationOption, wholeNumber, type Surroundings } from './command.js';
import type { ExitReason } from './exit-codes.js';
import { reached, type Of } from './following-commands.js';
import { count } from './progress.js';
import { showPlan, sumOf } from './run-view.js';
import type { Session } from './session.js';
import { many } from './text.js';
import type { ImportView, RunView } from './views.js';

interface ImportChoices {
  preview?: boolean;
  yes?: boolean;
  archives?: number;
  leaveOutFaulty?: boolean;
  createTeams?: boolean;
  createPositions?: boolean;
  clearEmpty?: ImportOptions['clearEmpty'];
  encoding?: ImportOptions['encoding'];
  message?: string;
  language?: ImportOptions['language'];
}

const FAULTS_SHOWN = 20;
const CLEARABLE = ['firstName', 'lastName', 'position', 'team', 'manager', 'admin'];

/** People by a file, in and out. */
export function fileCommands(program: Command, around: Surroundings): void {
  importing(program, around);
  exporting(program, around);
}

function importing(program: Command, around: Surroundings): void {
  program
    .command('import')
    .description('shows what a file of people would do; with --yes, does it')
    .argument('<file>', 'CSV; - is the standard input')
    .addOption(organisationOption())
    .option('--preview', 'shows it and nothing more, which is what happens without --yes')
    .option('--yes', 'applies what was shown')
    .option('--archives <number>', 'how many people it archives, where that has to be confirmed', wholeNumber(1, 1_000_000))
    .option('--leave-out-faulty', 'applies the file without its faulty rows')
    .option('--create-teams', 'makes teams that are not here yet')
    .option('--create-positions', 'makes positions that are not here yet')
    .addOption(new Option('--clear-empty <field...>', 'columns whose empty cells clear the field').choices(CLEARABLE))
    .addOption(
      new Option('--encoding <encoding>', 'where the file does not say').choices(['utf-8', 'windows-1252', 'iso-8859-1']),
    )
    .option('--message <file>', 'a file whose text stands in the invitations')
    .addOption(new Option('--language <language>', 'of the invitations').choices(['en', 'de', 'fr', 'es', 'pt']))
    .addHelpText('after', examples('import people.csv -o acme --preview', 'import people.csv -o acme --yes --leave-out-faulty'))
    .action(
      inOrganisation<ImportChoices>(around, async (session, id, choices, [file = '']) => {
        if (choices.preview === true && choices.yes === true)
          throw new RollcallError('request.invalid', 'Choose one of --preview and --yes.');
        const of: Of = { organisationId: id, organisation: choices.organisation, connection: '' };
        return carryOut(session, of, file, choices);
      }),
    );
} // prettier-ignore

function exporting(program: Command, around: Surroundings): void {
  program
    .command('export')
    .description('writes the list of people as a file that can be imported again')
    .addOption(organisationOption())
    .option('--out <file>', 'where to; the standard output unless told')
    .option('--template', 'the columns alone, with teams and positions as examples')
    .addHelpText('after', examples('export -o acme --out people.csv', 'export -o acme --template > template.csv'))
    .action(
      inOrganisation<{ out?: string; template?: boolean }>(around, async (session, id, { out, template }) => {
        const lines =
          template === true
            ? await session.service(ImportFiles).template(id)
            : await session.service(PeopleExport).begin(session.caller(id));
        const file = Readable.from(lines);
        if (out === undefined) return session.output.pour(file);
        await pipeline(file, createWriteStream(out, { mode: 0o600 }));
        session.output.result({ file: out }, () => session.output.line(`Written to ${out}.`));
      }),
    );
}

async function carryOut(session: Session, of: Of, file: string, choices: ImportChoices): Promise<ExitReason> {
  const imports = session.service(Imports);
  const caller = session.caller(of.organisationId);
  const importId = await session.service(Uploads).take(caller, { ...(await opened(file)), options: await optionsOf(choices) });
  const shown = await lookedAt(session, of, importId);
  const { view } = shown;
  const json = session.output.json;
  if (!json) await showImport(session, of, shown);
  const isDue = choices.yes === true && view.state === 'ready';
  if (!isDue) {
    // Whoever only looked, or has to mend something, sends the file again: nothing of it stays here.
    await imports.discard(caller, importId);
    if (json) session.output.result(view, () => undefined);
    else if (view.state === 'ready') nothingDone(session, of, [file, ...chosen(choices)], view);
    return view.state === 'ready' ? 'done' : 'attention';
  }
  try {
    const { archives } = choices;
    await imports.confirm(caller, importId, {
      planHash: view.preview?.planHash ?? '',
      ...(archives === undefined ? {} : { archives }),
    });
  } catch (error) {
    await imports.discard(caller, importId);
    throw error;
  }
  const { view: done, run } = await lookedAt(session, of, importId);
  if (json) session.output.result(done, () => undefined);
  else if (done.state === 'applied') {
    session.output.line();
    session.output.line(`${session.output.good('Done')}: ${run === null ? '' : sumOf(run)}.`);
    tellInvitations(session, done, 'are invited');
  } else session.output.line(session.output.bad(done.run?.error?.message ?? `It ended: ${done.state}.`));
  return done.state === 'applied' ? 'done' : 'attention';
} // prettier-ignore

interface Looked {
  view: ImportView;
  run: RunView | null;
}

/** The import once its newest run is over. */
async function lookedAt(session: Session, of: Of, importId: string): Promise<Looked> {
  const imports = session.service(Imports);
  const asked = await imports.show(of.organisationId, importId);
  const id = (asked.run ?? asked.preview)?.id;
  if (id === undefined) return { view: asked, run: null };
  const { connectionId } = await session.service(RunsReading).show(of.organisationId, id);
  const run = await reached(session, of, { id, connectionId }, true);
  return { view: await imports.show(of.organisationId, importId), run };
}

async function opened(
  file: string,
): Promise<{ name: string; declared: number | null; bytes: AsyncIterable<Uint8Array> }> {
  if (file === '-') return { name: 'standard input', declared: null, bytes: process.stdin };
  const found = await stat(file).catch(() => null);
  if (found === null || !found.isFile()) throw new RollcallError('request.invalid', `There is no file "${file}".`);
  return { name: basename(file).slice(0, 200), declared: found.size, bytes: createReadStream(file) };
}

async function optionsOf(choices: ImportChoices): Promise<Partial<ImportOptions>> {
  const { leaveOutFaulty = false, createTeams = false, createPositions = false, clearEmpty = [] } = choices;
  const { encoding = null, language = null } = choices;
  const message =
    choices.message === undefined ? null : (await readFile(choices.message, 'utf8')).normalize('NFC').trim();
  if (message !== null && message.length > 2_000)
    throw new RollcallError('request.invalid', 'The message is longer than 2000 characters.');
  return { leaveOutFaulty, createTeams, createPositions, clearEmpty, encoding, language, message };
}

async function showImport(session: Session, of: Of, { view, run }: Looked): Promise<void> {
  const { output } = session;
  const ignored = view.columns.filter(({ field }) => field === null).map(({ name }) => name);
  output.line(output.bold(view.name) + output.dim(`  ${many(view.rows, 'row', 'rows')}, ${view.encoding ?? 'unread'}`));
  if (ignored.length > 0) output.line(output.dim(`Ignored columns: ${ignored.join(', ')}`));
  output.line();
  if (view.fault !== null) {
    output.line(output.bad('The file is refused whole.'));
    output.line(`  ${view.fault.message}`);
    for (const { line, readings } of view.fault.samples)
      for (const [encoding, text] of Object.entries(readings)) output.line(`  line ${line}, --encoding ${encoding}: ${text}`);
    return;
  }
  if (run?.state !== 'ready') {
    output.line(output.bad(run?.error?.message ?? `The look at it ended: ${view.state}.`));
    return;
  }
  await showPlan(session, of.organisationId, run);
  if (view.faulty > 0) await showFaults(session, of, view);
  if (view.missingTeams.length > 0) output.line(`\nNot here, and made with --create-teams: ${view.missingTeams.join(', ')}`);
  if (view.missingPositions.length > 0)
    output.line(`\nNot here, and made with --create-positions: ${view.missingPositions.join(', ')}`);
  if (view.namesakes > 0)
    output.line(output.warn(`\n${many(view.namesakes, 'newcomer has', 'newcomers have')} the name of somebody who is here.`));
  tellInvitations(session, view, 'would be invited');
} // prettier-ignore

async function showFaults(session: Session, of: Of, view: ImportView): Promise<void> {
  const { output } = session;
  const query = { limit: FAULTS_SHOWN, faulty: 'true' as const };
  const { items } = await session.service(ImportFiles).lines(of.organisationId, view.id, query);
  output.line();
  output.line(output.bad(`Faulty rows  ${count(view.faulty)}`));
  for (const { line, label, field, because } of items)
    output.line(`  line ${line ?? '?'}${field === null ? '' : `, ${field}`}  ${label}  ${output.dim(because)}`);
  if (view.faulty > items.length) output.line(output.dim(`    … and ${count(view.faulty - items.length)} more`));
}

function nothingDone({ output }: Session, of: Of, args: readonly string[], view: ImportView): void {
  const due = [
    ...(view.faulty > 0 && !view.options.leaveOutFaulty ? ['--leave-out-faulty'] : []),
    ...(view.archivesToConfirm === null ? [] : ['--archives', String(view.archivesToConfirm)]),
  ];
  const [file = '', ...others] = [...args, ...due].map((one) => (/^[\w./-]+$/u.test(one) ? one : `"${one}"`));
  output.line();
  output.line('Nothing was changed. Next:');
  output.line(`  ${['rollcall import', file, '-o', of.organisation, '--yes', ...others].join(' ')}`);
}

/** What decided on the plan that was shown, to be typed again. */
function chosen(choices: ImportChoices): string[] {
  const { leaveOutFaulty, createTeams, createPositions, clearEmpty = [], encoding, message, language } = choices;
  return [
    ...(leaveOutFaulty === true ? ['--leave-out-faulty'] : []),
    ...(createTeams === true ? ['--create-teams'] : []),
    ...(createPositions === true ? ['--create-positions'] : []),
    ...(clearEmpty.length === 0 ? [] : ['--clear-empty', ...clearEmpty]),
    ...(encoding === undefined || encoding === null ? [] : ['--encoding', encoding]),
    ...(message === undefined ? [] : ['--message', message]),
    ...(language === undefined || language === null ? [] : ['--language', language]),
  ];
}

function tellInvitations({ output }: Session, view: ImportView, what: string): void {
  const { invitations } = view;
  if (invitations === null || invitations.people === 0) return;
  const until = invitations.until === null ? '' : `, until ${invitations.until.slice(0, 16).replace('T', ' ')} UTC`;
  output.line(
    `\n${many(invitations.people, 'person', 'people')} ${what} by mail, ${invitations.perMinute} a minute${until}.`,
  );
}
