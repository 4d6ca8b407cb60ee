import { Option } from 'commander';
import type { ErrorCode } from '../common/error-codes.js';
import { RollcallError } from '../common/errors.js';
import { foldName } from '../common/fold.js';
import { isId } from '../common/ids.js';
import { FrameworksService } from '../frameworks/frameworks.service.js';
import { PositionsService } from '../frameworks/positions.service.js';
import { TeamsService } from '../frameworks/teams.service.js';
import { Why } from '../people/why.service.js';
import type { Session } from './session.js';
import type { FrameworkView, PositionView, TeamView } from './views.js';

/** Of frameworks, teams, positions and aliases: as many as an organisation can sensibly have. */
export const MOST_NAMED = 100_000;
const NAMES_SHOWN = 10;

export function frameworkOption(what = 'of this framework'): Option {
  return new Option('-f, --framework <framework>', what);
}

export function frameworks(session: Session, organisationId: string): Promise<FrameworkView[]> {
  const service = session.service(FrameworksService);
  return session.all((cursor) => service.list(organisationId, { limit: 200, cursor }), MOST_NAMED);
}

export function teams(session: Session, organisationId: string, frameworkId?: string): Promise<TeamView[]> {
  const service = session.service(TeamsService);
  return session.all((cursor) => service.list(organisationId, { limit: 200, cursor, frameworkId }), MOST_NAMED);
}

export function positions(session: Session, organisationId: string, frameworkId?: string): Promise<PositionView[]> {
  const service = session.service(PositionsService);
  return session.all((cursor) => service.list(organisationId, { limit: 200, cursor, frameworkId }), MOST_NAMED);
}

/** @throws {RollcallError} `framework.not_found`, naming those that there are. */
export async function frameworkCalled(session: Session, organisationId: string, name: string): Promise<FrameworkView> {
  return called(await frameworks(session, organisationId), name, 'framework', 'framework.not_found');
}

/** @throws {RollcallError} `team.not_found`, naming those that there are. */
export async function teamCalled(session: Session, organisationId: string, name: string): Promise<TeamView> {
  return called(await teams(session, organisationId), name, 'team', 'team.not_found');
}

/**
 * @param framework Tells positions of one name apart.
 * @throws {RollcallError} `position.not_found`, naming those that there are, or the frameworks that have one of the name.
 */
export async function positionCalled(
  session: Session,
  organisationId: string,
  name: string,
  framework?: string,
): Promise<PositionView> {
  const within = framework === undefined ? null : await frameworkCalled(session, organisationId, framework);
  const all = await positions(session, organisationId, within?.id);
  const found = withName(all, name);
  if (found.length < 2) return called(all, name, 'position', 'position.not_found');
  const names = new Map((await frameworks(session, organisationId)).map((one) => [one.id, one.name]));
  const whose = found.map((one) => `"${names.get(one.frameworkId) ?? one.frameworkId}"`).join(', ');
  throw new RollcallError('position.not_found', `More than one framework has a position "${name}": add -f with ${whose}.`);
} // prettier-ignore

/** @throws {RollcallError} `person.not_found` */
export async function personCalled(session: Session, organisationId: string, who: string): Promise<string> {
  if (isId(who)) return who;
  const { person } = await session.service(Why).ask(organisationId, { email: who });
  if (person !== null) return person.id;
  throw new RollcallError('person.not_found', `Nobody here has the address ${who}; "rollcall why ${who}" tells more.`);
}

function withName<T extends { id: string; name: string }>(all: readonly T[], name: string): T[] {
  const folded = foldName(name);
  return all.filter((one) => one.id === name || foldName(one.name) === folded);
}

function called<T extends { id: string; name: string }>(
  all: readonly T[],
  name: string,
  what: string,
  missing: ErrorCode,
): T {
  const [found] = withName(all, name);
  if (found) return found;
  const names = all.slice(0, NAMES_SHOWN).map((one) => `"${one.name}"`);
  const rest = all.length - names.length;
  const there =
    names.length === 0
      ? `there is none yet: rollcall ${what} create …`
      : `there are: ${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}.`;
  throw new RollcallError(missing, `There is no ${what} "${name}"; ${there}`);
}
