import { readFile, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { RollcallError } from '../common/errors.js';
import { FrameworkFiles } from '../frameworks/framework-files.service.js';
import { FrameworksService } from '../frameworks/frameworks.service.js';
import { LONGEST_NAME } from '../frameworks/frameworks.types.js';
import { examples, inOrganisation, lineOf, organisationOption, type Surroundings } from './command.js';
import { frameworkCalled, frameworks, positions, teams } from './naming.js';
import { OPERATOR, type Session } from './session.js';
import { many } from './text.js';
import type { ImportedFrameworkView } from './views.js';

/** Frameworks: named sets of positions, each used by any number of teams. */
export function frameworkCommands(program: Command, around: Surroundings): void {
  const framework = program
    .command('framework')
    .description('frameworks: positions in order of seniority, which teams share');
  looking(framework, around);
  changing(framework, around);
  asFiles(framework, around);
}

function looking(framework: Command, around: Surroundings): void {
  framework
    .command('list')
    .description('lists frameworks with their teams and positions')
    .addOption(organisationOption())
    .action(
      inOrganisation(around, async (session, id, { organisation }) => {
        const items = await frameworks(session, id);
        const [allTeams, allPositions] = [await teams(session, id), await positions(session, id)];
        session.output.result({ items }, () =>
          session.output.table(
            ['FRAMEWORK', 'POSITIONS', 'TEAMS'],
            items.map((one) => [
              one.name,
              allPositions.filter(({ frameworkId }) => frameworkId === one.id).length,
              allTeams
                .filter(({ frameworkId }) => frameworkId === one.id)
                .map(({ name }) => name)
                .join(', ') || null,
            ]),
            `There is no framework yet: rollcall framework create "Engineering" -o ${organisation}`,
          ),
        );
      }),
    );

  framework
    .command('show')
    .description('shows a framework: its positions, the most senior first, and its teams')
    .argument('<framework>', 'name or id')
    .addOption(organisationOption())
    .action(
      inOrganisation(around, async (session, id, { organisation }, [name = '']) => {
        const view = await frameworkCalled(session, id, name);
        const [its, itsTeams] = [await positions(session, id, view.id), await teams(session, id, view.id)];
        const { output } = session;
        output.result({ ...view, positions: its, teams: itsTeams }, () => {
          output.facts({
            framework: view.name,
            id: view.id,
            teams: itsTeams.map((one) => one.name).join(', ') || null,
          });
          output.line();
          output.table(
            ['RANK', 'POSITION'],
            its.toReversed().map((one) => [one.rank, one.name]),
            `It has no position yet: rollcall position create "Engineer" -f "${view.name}" -o ${organisation}`,
          );
        });
      }),
    );
}

function changing(framework: Command, around: Surroundings): void {
  framework
    .command('create')
    .description('makes a framework')
    .argument('<name>', '', lineOf(LONGEST_NAME))
    .addOption(organisationOption())
    .addHelpText('after', examples('framework create Engineering -o acme'))
    .action(
      inOrganisation(around, async (session, id, { organisation }, [name = '']) => {
        const view = await session.service(FrameworksService).create(id, name, OPERATOR);
        session.output.result(view, () => {
          session.output.line(`Made ${view.name}.`);
          session.output.note(
            `Next: rollcall position create "…" -f "${view.name}" -o ${organisation}, the most junior first`,
          );
        });
      }),
    );

  framework
    .command('rename')
    .description('gives a framework another name')
    .argument('<framework>', 'name or id')
    .argument('<name>', '', lineOf(LONGEST_NAME))
    .addOption(organisationOption())
    .action(
      inOrganisation(around, async (session, id, _options, [which = '', name = '']) => {
        const before = await frameworkCalled(session, id, which);
        const view = await session.service(FrameworksService).rename(id, before.id, name, OPERATOR);
        session.output.result(view, () => session.output.line(`${before.name} is now ${view.name}.`));
      }),
    );

  framework
    .command('delete')
    .description('deletes a framework that has neither teams nor positions')
    .argument('<framework>', 'name or id')
    .addOption(organisationOption())
    .action(
      inOrganisation(around, async (session, id, _options, [which = '']) => {
        const view = await frameworkCalled(session, id, which);
        await session.service(FrameworksService).remove(id, view.id, OPERATOR);
        session.output.result({ deleted: view.id }, () => session.output.line(`Deleted ${view.name}.`));
      }),
    );
}

function asFiles(framework: Command, around: Surroundings): void {
  framework
    .command('export')
    .description('writes a framework with its positions, teams and aliases as JSON')
    .argument('<framework>', 'name or id')
    .addOption(organisationOption())
    .option('--out <file>', 'where to; the standard output unless told')
    .addHelpText('after', examples('framework export Engineering -o acme --out engineering.json'))
    .action(
      inOrganisation<{ out?: string }>(around, async (session, id, { out }, [which = '']) => {
        const view = await frameworkCalled(session, id, which);
        const file = await session.service(FrameworkFiles).export(id, view.id);
        const text = `${JSON.stringify(file, null, 2)}\n`;
        if (out === undefined) return session.output.pour(Readable.from([text]));
        await writeFile(out, text);
        session.output.result({ file: out }, () => session.output.line(`Written to ${out}.`));
      }),
    );

  framework
    .command('import')
    .description('adds what an exported framework has and is not here; nothing is taken away')
    .argument('<file>', 'JSON, as "framework export" writes it')
    .addOption(organisationOption())
    .option('--preview', 'says what would be made, and makes nothing')
    .addHelpText('after', examples('framework import engineering.json -o acme --preview'))
    .action(
      inOrganisation<{ preview?: boolean }>(around, async (session, id, { preview = false }, [path = '']) => {
        const files = session.service(FrameworkFiles);
        const file = files.parse(await textOf(path));
        const made = preview ? await files.preview(id, file) : await files.import(id, file, OPERATOR);
        session.output.result(made, () => told(session, made, preview));
      }),
    );
}

function told({ output }: Session, made: ImportedFrameworkView, isPreview: boolean): void {
  const { positions, teams, given, aliases } = made;
  const changes = positions.length + teams.length + given.length + aliases.length;
  if (!made.made && changes === 0) {
    output.line(`${made.name} is here as the file has it: nothing to do.`);
    return;
  }
  const list = (names: readonly string[]): string | null => names.join(', ') || null;
  output.facts({
    framework: made.made ? `${made.name} (new)` : made.name,
    'new positions': list(positions),
    'new teams': list(teams),
    'given to teams': list(given),
    'new aliases': list(aliases),
  });
  output.line();
  output.line(isPreview ? 'Nothing was changed.' : `Imported ${made.name}: ${many(changes, 'addition', 'additions')}.`);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new RollcallError('request.invalid', `The file "${file}" cannot be read.`, undefined, { cause: error });
  }
}
