import { type Command, Option } from 'commander';
import { PeopleService } from '../people/people.service.js';
import { examples, inOrganisation, organisationOption, wholeNumber, type Surroundings } from './command.js';
import { frameworkOption, personCalled, positionCalled, teamCalled } from './naming.js';
import type { Session } from './session.js';
import { fitted, many } from './text.js';
import type { ListedPersonView, PeopleQuery } from './views.js';

interface Filters {
  search?: string;
  state?: PeopleQuery['state'];
  origin?: PeopleQuery['origin'];
  team?: string;
  position?: string;
  framework?: string;
  manager?: string;
  admin?: boolean;
  problem?: PeopleQuery['problem'];
  sort: PeopleQuery['sort'];
  descending?: boolean;
  limit: number;
}

const STATES = ['pending', 'active', 'archived'];
const ORIGINS = ['manual', 'csv', 'directory', 'scim', 'sso', 'admin'];
const PROBLEMS = ['conflict', 'held', 'manager_left', 'no_manager', 'unmatched_title'];

/** People, found: filtered, searched, sorted. */
export function peopleListing(person: Command, around: Surroundings): void {
  person
    .command('list')
    .description('lists people')
    .addOption(organisationOption())
    .option('--search <words>', 'beginnings of words of the name or the address')
    .addOption(new Option('--state <state>', 'in this state').choices(STATES))
    .addOption(new Option('--origin <origin>', 'who came in this way').choices(ORIGINS))
    .option('--team <team>', 'in this team')
    .option('--position <position>', 'with this position')
    .addOption(frameworkOption('tells positions of one name apart'))
    .option('--manager <email|id>', 'who report to them')
    .option('--admin', 'admins')
    .option('--no-admin', 'no admins')
    .addOption(new Option('--problem <problem>', 'with this problem').choices(PROBLEMS))
    .addOption(new Option('--sort <field>', 'in the order of').choices(['name', 'email', 'created']).default('name'))
    .option('--descending', 'the last first')
    .option('--limit <number>', 'how many', wholeNumber(1, 100_000), 50)
    .addHelpText(
      'after',
      examples(
        'person list -o acme --search "ana soa"',
        'person list -o acme --team Sales --state active',
        'person list -o acme --problem unmatched_title --limit 1000 --json',
        'person list -o acme --sort created --descending --limit 10',
      ),
    )
    .action(
      inOrganisation<Filters>(around, async (session, id, options) => {
        const query = await queryOf(session, id, options);
        const people = session.service(PeopleService);
        const items = await session.all(
          (cursor) => people.list(id, { ...query, cursor, limit: Math.min(200, options.limit) }),
          options.limit,
        );
        session.output.result({ items }, () => showList(session, items, options.limit));
      }),
    );

  person
    .command('count')
    .description('counts people by state')
    .addOption(organisationOption())
    .action(
      inOrganisation(around, async (session, id) => {
        const counts = await session.service(PeopleService).counts(id);
        session.output.result(counts, () =>
          session.output.facts({
            ...Object.fromEntries(Object.entries(counts).map(([name, number]) => [name, number.toLocaleString('en-US')])),
          }),
        );
      }),
    );
} // prettier-ignore

async function queryOf(session: Session, organisationId: string, options: Filters): Promise<Omit<PeopleQuery, 'limit'>> {
  const { team, position, framework, manager } = options;
  return {
    q: options.search,
    state: options.state,
    origin: options.origin,
    teamId: team === undefined ? undefined : (await teamCalled(session, organisationId, team)).id,
    positionId: position === undefined ? undefined : (await positionCalled(session, organisationId, position, framework)).id,
    managerId: manager === undefined ? undefined : await personCalled(session, organisationId, manager),
    admin: options.admin,
    problem: options.problem,
    sort: options.sort,
    direction: options.descending === true ? 'desc' : 'asc',
  };
} // prettier-ignore

function showList({ output }: Session, items: readonly ListedPersonView[], limit: number): void {
  output.table(
    ['NAME', 'E-MAIL', 'STATE', 'TEAM, POSITION'],
    items.map((one) => [
      fitted(nameOf(one), Math.floor(output.width * 0.25)),
      fitted(one.email, Math.floor(output.width * 0.35)),
      `${one.state}${one.isAdmin ? ', admin' : ''}${one.isProtected ? ', protected' : ''}`,
      [one.team?.name, one.position?.name].filter((part) => part !== undefined).join(', ') || null,
    ]),
    'Nobody. Why somebody is not here: rollcall why ana@acme.example …',
  );
  if (items.length === limit) output.note(`The first ${many(limit, 'person', 'people')}; more with --limit.`);
}

export function nameOf({
  firstName,
  lastName,
  email,
}: Pick<ListedPersonView, 'firstName' | 'lastName' | 'email'>): string {
  return [firstName, lastName].filter((part) => part !== null).join(' ') || email;
}
