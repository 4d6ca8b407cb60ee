import type { Command } from 'commander';
import { RollcallError } from '../common/errors.js';
import { HoldsService } from '../runs/holds.service.js';
import { RunsReading } from '../runs/runs-reading.service.js';
import { acting, collect, organisationOption, wholeNumber, type Surroundings } from './command.js';
import type { ExitReason } from './exit-codes.js';
import { connectionNameOf, followed, named, waitingOption, warnWhenAlone, type Waiting } from './following-commands.js';
import { isOver } from './run-following.js';
import { assertId, type Session } from './session.js';
import { fitted, many, minute, padded } from './text.js';
import type { HoldView, MemberView } from './views.js';

const MOST_MEMBERS = 200_000;
const SHOWN_MEMBERS = 20;

interface Where {
  organisation: string;
  connection?: string;
}

interface Decision extends Where {
  all?: boolean;
  person?: string[];
  seen?: number;
}

/** Held removals: nobody lost access, and an admin decides. */
export function holdCommands(program: Command, around: Surroundings): void {
  const hold = program.command('hold').description('removals that crossed a limit and wait for you');
  looking(hold, around);
  approving(hold, around);
  rejecting(hold, around);
}

function looking(hold: Command, around: Surroundings): void {
  hold
    .command('list')
    .description('lists open holds')
    .addOption(organisationOption())
    .option('--closed', 'those that are closed')
    .action(
      acting<Where & { closed?: boolean }>(around, async (session, { organisation, closed }) => {
        const { id } = await session.organisation(organisation);
        const { items } = await session.service(HoldsService).list(id, closed === true ? 'closed' : 'open', 200);
        session.output.result({ items }, () =>
          session.output.table(
            ['HOLD', 'WAITING', 'APPROVED', 'SINCE (UTC)', ''],
            items.map((one) => [one.id, one.waiting, one.approved, minute(one.openedAt), one.cause.text]),
            'Nothing is held.',
          ),
        );
      }),
    );

  onHold(hold.command('show'), 'shows a hold: why, who, and what they share that the others lack')
    .option('--all', 'everybody, not the first ones')
    .addHelpText('after', '\nExamples:\n  rollcall hold show -o acme\n  rollcall hold show -c Main -o acme --json')
    .action(
      acting<Where & { all?: boolean }>(around, async (session, options, [id]) => {
        const { organisationId, hold: found } = await whichHold(session, options, id);
        const members = await membersOf(session, organisationId, found);
        const connection = await connectionNameOf(session, organisationId, found.connectionId);
        session.output.result({ ...found, members }, () => showHold(session, found, members, { ...options, connection }));
      }),
    );
} // prettier-ignore

function approving(hold: Command, around: Surroundings): void {
  deciding(waitingOption(hold.command('approve')), 'lets held removals happen; each is looked at directly once more')
    .addHelpText('after', EXAMPLES('approve'))
    .action(
      acting<Decision & Waiting>(around, async (session, options, [id]) => {
        const { organisationId, hold: found } = await whichHold(session, options, id);
        const caller = session.caller(organisationId);
        const after = await session.service(HoldsService).approve(caller, found.id, await orderOf(session, organisationId, found, options)); // prettier-ignore
        if (!options.wait) await warnWhenAlone(session);
        if (!session.output.json)
          session.output.line(`${many(after.approved, 'removal is', 'removals are')} approved; ${after.waiting} wait.`);
        return carriedOut(session, organisationId, after, options);
      }),
    );
}

function rejecting(hold: Command, around: Surroundings): void {
  deciding(hold.command('reject'), 'keeps people; the removal is ruled out until the directory says something new')
    .addHelpText('after', EXAMPLES('reject'))
    .action(
      acting<Decision>(around, async (session, options, [id]) => {
        const { organisationId, hold: found } = await whichHold(session, options, id);
        const order = await orderOf(session, organisationId, found, options);
        const after = await session.service(HoldsService).reject(session.caller(organisationId), found.id, order);
        session.output.result(after, () =>
          session.output.line(
            after.state === 'closed'
              ? 'Rejected. Nobody waits any more; the hold is closed.'
              : `Rejected. ${many(after.waiting, 'removal waits', 'removals wait')}.`,
          ),
        );
      }),
    );
}

/** What the approval asked for, followed to its end: the run that waits for this connection. */
async function carriedOut(
  session: Session,
  organisationId: string,
  hold: HoldView,
  options: Decision & Waiting,
): Promise<ExitReason> {
  const { connectionId } = hold;
  const { items } = await session.service(RunsReading).list(organisationId, { connectionId, limit: 5 });
  const asked = items.find((run) => run.state === 'queued') ?? items.find((run) => !isOver(run)) ?? items[0];
  if (asked === undefined) throw new TypeError('an approval asks for a run');
  const connection = await connectionNameOf(session, organisationId, connectionId);
  return followed(session, { organisationId, organisation: options.organisation, connection }, asked, options);
}

function onHold(command: Command, description: string): Command {
  return command
    .description(description)
    .argument('[hold]', 'its id; left out, the one that is open')
    .addOption(organisationOption())
    .option('-c, --connection <name>', 'of this connection');
}

function deciding(command: Command, description: string): Command {
  return onHold(command, description)
    .option('--all', 'everybody of the version that you looked at; needs --seen')
    .option('--person <email|id>', 'this person; repeatable', collect)
    .option('--seen <version>', 'the version that you looked at, as hold show prints it', wholeNumber(0, 1e9));
}

async function whichHold(
  session: Session,
  { organisation, connection }: Where,
  id: string | undefined,
): Promise<{ organisationId: string; hold: HoldView }> {
  const { id: organisationId } = await session.organisation(organisation);
  const holds = session.service(HoldsService);
  if (id !== undefined) return { organisationId, hold: await holds.look(organisationId, assertId(id, 'hold')) };
  const of = connection === undefined ? null : (await session.connection(organisationId, connection)).id;
  const { items } = await holds.list(organisationId, 'open', 200);
  const [only, ...others] = items.filter((one) => of === null || one.connectionId === of);
  if (only === undefined) throw new RollcallError('hold.not_found', 'Nothing is held.');
  if (others.length > 0)
    throw new RollcallError('hold.not_found', 'Several connections have a hold; name one with --connection.');
  return { organisationId, hold: await holds.look(organisationId, only.id) };
}

function membersOf(session: Session, organisationId: string, { id }: HoldView): Promise<MemberView[]> {
  const holds = session.service(HoldsService);
  return session.all((cursor) => holds.members(organisationId, id, { cursor, limit: 200 }), MOST_MEMBERS);
}

/** Never a version that nobody looked at, where everybody is meant. */
async function orderOf(
  session: Session,
  organisationId: string,
  hold: HoldView,
  { all, person, seen }: Decision,
): Promise<{ version: number; people: 'all' | string[] }> {
  if ((all === true) === (person !== undefined))
    throw new RollcallError('request.invalid', 'Say who: --all, or --person once or more.');
  if (person === undefined) {
    if (seen === undefined)
      throw new RollcallError(
        'request.invalid',
        `Everybody of which version? Look at it with "rollcall hold show", then add --seen ${hold.version}.`,
      );
    return { version: seen, people: 'all' };
  }
  const members = await membersOf(session, organisationId, hold);
  const people = person.map((name) => memberCalled(members, name).externalId);
  return { version: seen ?? hold.version, people };
}

function memberCalled(members: readonly MemberView[], name: string): MemberView {
  const wanted = name.toLowerCase();
  const found = members.find(
    (one) => one.email.toLowerCase() === wanted || one.personId === wanted || one.externalId === name,
  );
  if (found !== undefined) return found;
  throw new RollcallError('person.not_found', `Nobody called ${name} is in this hold.`);
}

function showHold({ output }: Session, hold: HoldView, members: MemberView[], options: Where & { all?: boolean }): void {
  const waiting = members.filter((one) => one.state === 'waiting');
  const where = `-c ${named(options.connection ?? '')} -o ${options.organisation}`;
  output.line(output.bold(`${many(hold.waiting, 'removal waits', 'removals wait')} for you`) + output.dim(`  version ${hold.version}, since ${minute(hold.openedAt)} UTC`));
  output.line(hold.cause.text);
  if (hold.approved > 0) output.line(`${many(hold.approved, 'removal is', 'removals are')} approved and not applied yet.`);
  if (hold.shared.length > 0) {
    output.line();
    output.line(output.bold('What they share'));
    for (const trait of hold.shared) output.line(`  ${output.warn('!')} ${trait.text}`);
  }
  output.line();
  const shown = options.all === true ? members : waiting.slice(0, SHOWN_MEMBERS);
  const lines = shown.map((one) => ({
    who: `${one.name} <${one.email}>`,
    why: `${one.reason.text}${one.state === 'waiting' ? '' : ` (${one.state})`}`,
  }));
  const room = output.width - 4 - Math.min(34, Math.max(0, ...lines.map(({ why }) => why.length)));
  const widest = Math.min(room, 50);
  for (const { who, why } of lines) output.line(`  ${padded(who, widest)}  ${fitted(why, output.width - widest - 4)}`);
  if (options.all !== true && waiting.length > shown.length) output.line(output.dim(`  … and ${waiting.length - shown.length} more: --all`));
  if (hold.state === 'closed') return;
  output.line();
  output.line('An accident? Mend it in the directory: whoever reappears is off the hold.');
  output.line('All of it is meant?');
  output.line(`  rollcall hold approve ${where} --all --seen ${hold.version}`);
  output.line('Somebody stays?');
  output.line(`  rollcall hold reject ${where} --person ${waiting[0]?.email ?? 'ana@acme.example'}`);
} // prettier-ignore

function EXAMPLES(what: string): string {
  return `
Examples:
  rollcall hold ${what} -c Main -o acme --all --seen 3
  rollcall hold ${what} -c Main -o acme --person ana@acme.example --person ben@acme.example`;
}
