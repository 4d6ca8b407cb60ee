import { type Command, Option } from 'commander';
import { RollcallError } from '../common/errors.js';
import { foldName } from '../common/fold.js';
import { AliasesService } from '../frameworks/aliases.service.js';
import { LONGEST_NAME } from '../frameworks/frameworks.types.js';
import { examples, inOrganisation, lineOf, organisationOption, type Surroundings } from './command.js';
import { frameworkOption, frameworks, MOST_NAMED, positionCalled, positions, teamCalled, teams } from './naming.js';
import { OPERATOR, type Session } from './session.js';
import type { AliasView } from './views.js';

interface OfKind {
  kind?: 'team' | 'position';
}

/** Other names under which directories know teams and positions. */
export function aliasCommands(program: Command, around: Surroundings): void {
  const alias = program.command('alias').description('other names under which a directory knows a team or a position');
  const kindOption = (): Option => new Option('--kind <kind>', 'of one kind').choices(['team', 'position']);

  alias
    .command('list')
    .description('lists aliases')
    .addOption(organisationOption())
    .addOption(kindOption())
    .action(
      inOrganisation<OfKind>(around, async (session, id, { kind }) => {
        const items = await aliases(session, id, kind);
        const names = await namesOf(session, id);
        session.output.result({ items }, () =>
          session.output.table(
            ['ALIAS', 'KIND', 'MEANS'],
            items.map((one) => [one.name, one.kind, names.get(one.teamId ?? one.positionId ?? '')]),
            'There is no alias. Titles that match no position: rollcall inbox list',
          ),
        );
      }),
    );

  alias
    .command('add')
    .description('gives a team or a position another name, for everybody who has it, backwards too')
    .argument('<name>', 'what the directory calls it', lineOf(LONGEST_NAME))
    .addOption(organisationOption())
    .addOption(new Option('--team <team>', 'the team that it means').conflicts('position'))
    .option('--position <position>', 'the position that it means')
    .addOption(frameworkOption('tells positions of one name apart'))
    .addHelpText(
      'after',
      examples('alias add "Vertrieb" --team Sales -o acme', 'alias add "SWE" --position Engineer -o acme'),
    )
    .action(
      inOrganisation<{ team?: string; position?: string; framework?: string }>(
        around,
        async (session, id, { team, position, framework }, [name = '']) => {
          const service = session.service(AliasesService);
          if (team !== undefined) {
            const { id: teamId, name: means } = await teamCalled(session, id, team);
            return said(session, await service.create(id, { kind: 'team', name, teamId }, OPERATOR), means);
          }
          if (position === undefined)
            throw new RollcallError('request.invalid', 'Say what it means: --team or --position.');
          const { id: positionId, name: means } = await positionCalled(session, id, position, framework);
          return said(session, await service.create(id, { kind: 'position', name, positionId }, OPERATOR), means);
        },
      ),
    );

  alias
    .command('delete')
    .description('deletes an alias; whoever came by it is looked at again')
    .argument('<alias>', 'name or id')
    .addOption(organisationOption())
    .addOption(kindOption())
    .action(
      inOrganisation<OfKind>(around, async (session, id, { kind }, [which = '']) => {
        const folded = foldName(which);
        const all = await aliases(session, id, kind);
        const [found, another] = all.filter((one) => one.id === which || foldName(one.name) === folded);
        if (!found)
          throw new RollcallError('alias.not_found', `There is no alias "${which}"; see rollcall alias list.`);
        if (another)
          throw new RollcallError('alias.not_found', `A team and a position have the alias "${which}": add --kind.`);
        await session.service(AliasesService).remove(id, found.id, OPERATOR);
        session.output.result({ deleted: found.id }, () => session.output.line(`Deleted ${found.name}.`));
      }),
    );
}

/** What an alias does, and when. */
export function said(session: Session, view: AliasView, means: string): void {
  session.output.result(view, () => {
    session.output.line(`${view.name} means ${means}.`);
    session.output.note('Whoever has it is looked at again with the next run.');
  });
}

function aliases(session: Session, organisationId: string, kind: OfKind['kind']): Promise<AliasView[]> {
  const service = session.service(AliasesService);
  return session.all((cursor) => service.list(organisationId, { limit: 200, cursor, kind }), MOST_NAMED);
}

/** Teams by name, positions by framework and name. */
async function namesOf(session: Session, organisationId: string): Promise<Map<string, string>> {
  const within = new Map((await frameworks(session, organisationId)).map((one) => [one.id, one.name]));
  return new Map([
    ...(await teams(session, organisationId)).map((one): [string, string] => [one.id, one.name]),
    ...(await positions(session, organisationId)).map((one): [string, string] => [
      one.id,
      `${one.name} (${within.get(one.frameworkId) ?? ''})`,
    ]),
  ]);
}
