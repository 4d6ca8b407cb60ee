import type { Command } from 'commander';
import { RollcallError } from '../common/errors.js';
import { foldName } from '../common/fold.js';
import { AliasesService } from '../frameworks/aliases.service.js';
import { TitleInboxService } from '../frameworks/title-inbox.service.js';
import { said } from './alias-commands.js';
import { examples, inOrganisation, organisationOption, type Surroundings } from './command.js';
import { frameworkOption, frameworks, MOST_NAMED, positionCalled } from './naming.js';
import { OPERATOR, type Session } from './session.js';
import { fitted } from './text.js';

/** Titles of the directory that match no position: each is settled by one alias. */
export function inboxCommands(program: Command, around: Surroundings): void {
  const inbox = program.command('inbox').description('titles of the directory that match no position');

  inbox
    .command('list', { isDefault: true })
    .description('lists them, most people first, each with the positions that it may mean')
    .addOption(organisationOption())
    .action(
      inOrganisation(around, async (session, id, { organisation }) => {
        const items = await titles(session, id);
        const names = new Map((await frameworks(session, id)).map((one) => [one.id, one.name]));
        const { output } = session;
        output.result({ items }, () => {
          output.table(
            ['TITLE', 'PEOPLE', 'PERHAPS'],
            items.map((one) => [
              fitted(one.title, Math.floor(output.width * 0.5)),
              one.people,
              one.suggestions.map((each) => called(each, names)).join(', ') || null,
            ]),
            'Every title matches a position.',
          );
          if (items.length > 0 && names.size > 0)
            output.note(`Settle one: rollcall inbox resolve "TITLE" "POSITION" -o ${organisation}`);
          if (items.length > 0)
            output.note(
              names.size > 0
                ? `Or make a position of it: rollcall position create "TITLE" -f "FRAMEWORK" -o ${organisation}`
                : `Positions belong to frameworks; make the first: rollcall framework create "Engineering" -o ${organisation}`,
            );
        });
      }),
    );

  inbox
    .command('resolve')
    .description('says which position a title means, for everybody who has it, backwards too')
    .argument('<title>', 'as the list has it')
    .argument('<position>', 'name or id')
    .addOption(organisationOption())
    .addOption(frameworkOption('tells positions of one name apart'))
    .addHelpText('after', examples('inbox resolve "Sr. Software Eng." "Senior Engineer" -o acme'))
    .action(
      inOrganisation<{ framework?: string }>(
        around,
        async (session, id, { framework }, [title = '', position = '']) => {
          const folded = foldName(title);
          const waiting = (await titles(session, id)).find((one) => foldName(one.title) === folded);
          if (!waiting)
            throw new RollcallError('title.not_found', `No title "${title}" waits; see rollcall inbox list.`);
          const { id: positionId, name: means } = await positionCalled(session, id, position, framework);
          const order = { kind: 'position', name: waiting.title, positionId } as const;
          said(session, await session.service(AliasesService).create(id, order, OPERATOR), means);
        },
      ),
    );
}

/** With its framework, where there are several. */
function called({ name, frameworkId }: { name: string; frameworkId: string }, names: Map<string, string>): string {
  return names.size > 1 ? `${name} (${names.get(frameworkId) ?? ''})` : name;
}

function titles(session: Session, organisationId: string) {
  const service = session.service(TitleInboxService);
  return session.all((cursor) => service.list(organisationId, { cursor, limit: 200 }), MOST_NAMED);
}
