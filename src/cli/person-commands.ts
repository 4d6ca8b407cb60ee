import { type Command, Argument } from 'commander';
import { RollcallError } from '../common/errors.js';
import { PeopleEditing } from '../people/people-editing.service.js';
import { PeopleLifecycle } from '../people/people-lifecycle.service.js';
import { PeopleService } from '../people/people.service.js';
import { Timeline } from '../people/timeline.service.js';
import { Why } from '../people/why.service.js';
import { examples, inOrganisation, organisationOption, wholeNumber, type Surroundings } from './command.js';
import type { ExitReason } from './exit-codes.js';
import { personCalled } from './naming.js';
import { peopleEditing } from './people-editing-commands.js';
import { nameOf, peopleListing } from './people-listing.js';
import { namesIn, showEntry, showPerson, showWhy } from './person-view.js';
import type { Session } from './session.js';
import { fitted } from './text.js';

const EVENTS_SHOWN = 20;
const MOST_AT_ONCE = 200;

/** People: who they are, why they are here or not, and what the operator may do at once. */
export function personCommands(program: Command, around: Surroundings): void {
  const person = program
    .command('person')
    .alias('people')
    .description('finds and edits people, cuts them off at once, brings them back');
  peopleListing(person, around);
  looking(person, around);
  peopleEditing(person, around);
  changing(person, around);
  why(program, around);
}

function looking(person: Command, around: Surroundings): void {
  person
    .command('show')
    .description('shows somebody, with what happened to them and why')
    .argument('<person>', 'e-mail or id')
    .addOption(organisationOption())
    .action(
      inOrganisation(around, async (session, organisationId, _options, [who = '']) => {
        const id = await personCalled(session, organisationId, who);
        const view = await session.service(PeopleService).show(organisationId, id);
        const { items: timeline, next } = await session.service(Timeline).page(organisationId, id, { limit: EVENTS_SHOWN });
        session.output.result({ ...view, timeline }, () => {
          showPerson(session.output, view);
          session.output.line();
          session.output.line(session.output.bold('What happened (UTC)'));
          for (const one of timeline) showEntry(session.output, one);
          if (next !== null) session.output.note(`The last ${EVENTS_SHOWN}; all of them: rollcall person timeline ${view.email}`);
        });
      }),
    );

  person
    .command('timeline')
    .description('lists what happened to somebody, the newest first: what changed, by whom, by which rule')
    .argument('<person>', 'e-mail or id')
    .addOption(organisationOption())
    .option('--limit <number>', 'how many', wholeNumber(1, 10_000), 50)
    .addHelpText('after', examples('person timeline ana@acme.example -o acme', 'person timeline ana@acme.example -o acme --limit 1000 --json'))
    .action(
      inOrganisation<{ limit: number }>(around, async (session, organisationId, { limit }, [who = '']) => {
        const id = await personCalled(session, organisationId, who);
        const timeline = session.service(Timeline);
        const items = await session.all((cursor) => timeline.page(organisationId, id, { cursor, limit: Math.min(200, limit) }), limit);
        const names = session.output.json ? new Map<string, string>() : await namesIn(session, organisationId, items);
        session.output.result({ items }, () => {
          session.output.line(session.output.bold('What happened (UTC)'));
          for (const one of items) showEntry(session.output, one, names);
          if (items.length === 0) session.output.line('Nothing happened yet.');
          if (items.length === limit) session.output.note(`The last ${limit}; more with --limit.`);
        });
      }),
    );
} // prettier-ignore

function changing(person: Command, around: Surroundings): void {
  onPeople(
    person.command('archive').description('cuts people off at once, whatever any hold says'),
    around,
    async (session, organisationId, [id = '', ...others]) => {
      const lifecycle = session.service(PeopleLifecycle);
      const caller = session.caller(organisationId);
      if (others.length > 0) return showResults(session, organisationId, await lifecycle.archiveMany(caller, [id, ...others]), 'archived');
      const view = await lifecycle.archive(caller, id);
      session.output.result(view, () => session.output.line(`${nameOf(view)} is archived: no key and no session of theirs works any more.`));
      return 'done';
    },
  ).addHelpText('after', examples('person archive ana@acme.example -o acme', 'person archive ana@acme.example ben@acme.example -o acme'));

  onPeople(
    person.command('restore').description('brings people back, and keeps a directory from archiving them again for what it says now'),
    around,
    async (session, organisationId, [id = '', ...others]) => {
      const lifecycle = session.service(PeopleLifecycle);
      const caller = session.caller(organisationId);
      if (others.length > 0) return showResults(session, organisationId, await lifecycle.restoreMany(caller, [id, ...others]), 'brought back');
      const view = await lifecycle.restore(caller, id);
      session.output.result(view, () => session.output.line(`${nameOf(view)} is ${view.state}.`));
      return 'done';
    },
  );

  switching(person, around, 'admin', 'makes somebody an admin, or a member again', async (session, organisationId, id, on) => {
    const view = await session.service(PeopleEditing).switchAdmin(session.caller(organisationId), id, { on });
    session.output.result(view, () => session.output.line(`${nameOf(view)} is ${view.isAdmin ? 'an admin' : 'a member'}.`));
  });

  switching(person, around, 'protect', 'keeps syncs from ever archiving somebody', async (session, organisationId, id, on) => {
    const view = await session.service(PeopleEditing).switchProtected(session.caller(organisationId), id, { on });
    session.output.result(view, () => session.output.line(`${nameOf(view)} is ${view.isProtected ? 'protected' : 'not protected'}.`));
  });
} // prettier-ignore

function why(program: Command, around: Surroundings): void {
  program
    .command('why')
    .description('says why somebody is here, or not: for any address')
    .argument('<email>', 'or the directory’s own id of them')
    .addOption(organisationOption())
    .addHelpText('after', examples('why ana@acme.example -o acme'))
    .action(
      inOrganisation(around, async (session, id, _options, [who = '']) => {
        const answer = await session.service(Why).ask(id, who.includes('@') ? { email: who } : { externalId: who });
        session.output.result(answer, () => showWhy(session.output, answer));
      }),
    );
}

/** A command on one or several people; each is found before anything happens to the first. */
function onPeople(
  command: Command,
  around: Surroundings,
  work: (session: Session, organisationId: string, ids: string[]) => Promise<ExitReason>,
): Command {
  return command
    .argument('<person...>', `e-mail or id; up to ${MOST_AT_ONCE}`)
    .addOption(organisationOption())
    .action(
      inOrganisation(around, async (session, organisationId, _options, people) => {
        if (people.length > MOST_AT_ONCE)
          throw new RollcallError('request.invalid', `At most ${MOST_AT_ONCE} people at once.`);
        const ids: string[] = [];
        for (const who of people) ids.push(await personCalled(session, organisationId, who));
        return work(session, organisationId, ids);
      }),
    );
}

const RESULTS: Readonly<Record<string, string>> = {
  not_found: 'not here',
  nothing_to_do: 'nothing to do',
  last_admin: 'left alone: the last active admin',
  address_taken: 'left alone: somebody else has the address',
  changed: 'left alone: changed meanwhile',
};

/** A line for each; the exit code tells whether all of it was done. */
async function showResults(
  session: Session,
  organisationId: string,
  { items }: Awaited<ReturnType<PeopleLifecycle['archiveMany']>>,
  done: string,
): Promise<ExitReason> {
  const people = session.service(PeopleService);
  const rows: [string, string][] = [];
  for (const { id, result } of session.output.json ? [] : items) {
    const name = result === 'not_found' ? id : nameOf(await people.show(organisationId, id));
    rows.push([fitted(name, Math.floor(session.output.width * 0.4)), RESULTS[result] ?? done]);
  }
  session.output.result({ items }, () => session.output.table(['PERSON', ''], rows, 'Nobody.'));
  return items.every(({ result }) => result === 'done') ? 'done' : 'refused';
}

function switching(
  person: Command,
  around: Surroundings,
  name: string,
  description: string,
  work: (session: Session, organisationId: string, personId: string, on: boolean) => Promise<void>,
): void {
  person
    .command(name)
    .description(description)
    .argument('<person>', 'e-mail or id')
    .addArgument(new Argument('<switch>').choices(['on', 'off']))
    .addOption(organisationOption())
    .addHelpText('after', examples(`person ${name} ana@acme.example on -o acme`))
    .action(
      inOrganisation(around, async (session, id, _options, [who = '', to = '']) => {
        await work(session, id, await personCalled(session, id, who), to === 'on');
      }),
    );
}
