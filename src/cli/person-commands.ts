import { type Command, Argument, Option } from 'commander';
import { RollcallError } from '../common/errors.js';
import { isId } from '../common/ids.js';
import { PeopleEditing } from '../people/people-editing.service.js';
import { PeopleLifecycle } from '../people/people-lifecycle.service.js';
import { PeopleService } from '../people/people.service.js';
import { Timeline } from '../people/timeline.service.js';
import { Why } from '../people/why.service.js';
import { acting, organisationOption, wholeNumber, type Surroundings } from './command.js';
import type { Output } from './output.js';
import type { Session } from './session.js';
import { fitted, minute, plain, second } from './text.js';
import type { PersonView, WhyView } from './views.js';

const EVENTS_SHOWN = 20;

interface Of {
  organisation: string;
}

/** People, one by one: who they are, why they are here or not, and what the operator may do at once. */
export function personCommands(program: Command, around: Surroundings): void {
  const person = program.command('person').description('looks at people, cuts them off at once, brings them back');
  looking(person, around);
  changing(person, around);
  why(program, around);
}

function looking(person: Command, around: Surroundings): void {
  person
    .command('list')
    .description('lists people')
    .addOption(organisationOption())
    .option('--search <words>', 'beginnings of words of the name or the address')
    .addOption(new Option('--state <state>', 'in this state').choices(['pending', 'active', 'archived']))
    .option('--limit <number>', 'how many', wholeNumber(1, 100_000), 50)
    .action(
      acting<Of & { search?: string; state?: 'active'; limit: number }>(around, async (session, options) => {
        const { id } = await session.organisation(options.organisation);
        const people = session.service(PeopleService);
        const query = { q: options.search, state: options.state, sort: 'name', direction: 'asc' } as const;
        const items = await session.all(
          (cursor) => people.list(id, { ...query, cursor, limit: Math.min(200, options.limit) }),
          options.limit,
        );
        session.output.result({ items }, () =>
          session.output.table(
            ['NAME', 'E-MAIL', ''],
            items.map((one) => [
              fitted(nameOf(one), Math.floor(session.output.width * 0.3)),
              fitted(one.email, Math.floor(session.output.width * 0.45)),
              [one.state, one.team?.name, one.position?.name].filter((part) => part !== undefined).join(', '),
            ]),
            'Nobody.',
          ),
        );
      }),
    );

  onPerson(person.command('show'), around, 'shows somebody, with what happened to them and why', async (session, organisationId, id) => {
    const [view, timeline] = [
      await session.service(PeopleService).show(organisationId, id),
      await session.service(Timeline).page(organisationId, id, { limit: EVENTS_SHOWN }),
    ];
    session.output.result({ ...view, timeline: timeline.items }, () => {
      showPerson(session.output, view);
      session.output.line();
      for (const one of timeline.items) {
        const who = one.run?.connection ?? one.by?.kind ?? one.origin;
        session.output.line(`  ${session.output.dim(second(one.at))}  ${fitted(`${one.reason.text} (${who})`, session.output.width - 23)}`);
      }
    });
  });
} // prettier-ignore

function changing(person: Command, around: Surroundings): void {
  onPerson(person.command('archive'), around, 'cuts somebody off at once, whatever any hold says', async (session, organisationId, id) => {
    const view = await session.service(PeopleLifecycle).archive(session.caller(organisationId), id);
    session.output.result(view, () => session.output.line(`${nameOf(view)} is archived: no key and no session of theirs works any more.`));
  });

  onPerson(person.command('restore'), around, 'brings somebody back, and keeps a directory from archiving again for what it says now', async (session, organisationId, id) => {
    const view = await session.service(PeopleLifecycle).restore(session.caller(organisationId), id);
    session.output.result(view, () => session.output.line(`${nameOf(view)} is ${view.state}.`));
  });

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
    .addHelpText('after', '\nExample:\n  rollcall why ana@acme.example -o acme')
    .action(
      acting<Of>(around, async (session, { organisation }, [who = '']) => {
        const { id } = await session.organisation(organisation);
        const answer = await session.service(Why).ask(id, who.includes('@') ? { email: who } : { externalId: who });
        session.output.result(answer, () => showWhy(session.output, answer));
      }),
    );
}

type Work = (session: Session, organisationId: string, personId: string) => Promise<void>;

function onPerson(command: Command, around: Surroundings, description: string, work: Work): Command {
  return command
    .description(description)
    .argument('<person>', 'e-mail or id')
    .addOption(organisationOption())
    .action(
      acting<Of>(around, async (session, { organisation }, [who = '']) => {
        const { id } = await session.organisation(organisation);
        await work(session, id, await personCalled(session, id, who));
      }),
    );
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
    .action(
      acting<Of>(around, async (session, { organisation }, [who = '', to = '']) => {
        const { id } = await session.organisation(organisation);
        await work(session, id, await personCalled(session, id, who), to === 'on');
      }),
    );
}

async function personCalled(session: Session, organisationId: string, who: string): Promise<string> {
  if (isId(who)) return who;
  const { person } = await session.service(Why).ask(organisationId, { email: who });
  if (person === null)
    throw new RollcallError('person.not_found', `Nobody here has the address ${who}; "rollcall why ${who}" tells more.`);
  return person.id;
} // prettier-ignore

function nameOf({ firstName, lastName, email }: Pick<PersonView, 'firstName' | 'lastName' | 'email'>): string {
  return [firstName, lastName].filter((part) => part !== null).join(' ') || email;
}

function showPerson(output: Output, person: PersonView): void {
  output.line(`${output.bold(fitted(nameOf(person), 60))}  ${person.state}${person.isAdmin ? ', admin' : ''}${person.isProtected ? ', protected' : ''}`);
  output.facts({
    id: person.id,
    'e-mail': person.email,
    team: person.team?.name,
    position: person.position?.name,
    manager: person.manager?.name,
    'employee no.': person.employeeNumber,
    'kept in step': person.managedFields.map((one) => one.field).join(', ') || null,
    directories: person.records.map((one) => `${one.connection} ${one.externalId}`).join(', ') || null,
    archived: person.archivedAt === null ? null : `${minute(person.archivedAt)} UTC (${person.archiveReasons.join(', ')})`,
  });
} // prettier-ignore

function showWhy(output: Output, { answer, person, records, questions }: WhyView): void {
  output.line(output.bold(answer));
  if (person !== null) output.line(`  ${plain(nameOf(person))} <${plain(person.email)}>, ${person.state}`);
  for (const record of records) {
    const said = record.decision;
    output.line(`  ${output.dim(`${record.connection}, ${record.externalId}, seen ${minute(record.observedAt)} UTC`)}`);
    if (said !== null) output.line(`    ${minute(said.at)}  ${said.reason.text}${said.disposition === 'hold' ? ' (held)' : ''}`);
  }
  for (const one of questions) output.line(`  ${output.warn('!')} ${one.what}: ${one.kind}, since ${minute(one.since)} UTC, ${one.id}`);
} // prettier-ignore
