import { type Command, Option } from 'commander';
import type { z } from 'zod';
import { RollcallError } from '../common/errors.js';
import { invalidInput } from '../common/invalid-input.js';
import { PeopleEditing } from '../people/people-editing.service.js';
import { CreatePerson, EditPerson } from '../people/people.types.js';
import { examples, inOrganisation, organisationOption, type Surroundings } from './command.js';
import { keyValue } from './key-values.js';
import { frameworkOption, personCalled, positionCalled, teamCalled } from './naming.js';
import { nameOf } from './people-listing.js';
import type { Session } from './session.js';

interface Fields {
  firstName?: string;
  lastName?: string;
  team?: string;
  position?: string;
  framework?: string;
  manager?: string;
  employeeNumber?: string;
  attribute?: Record<string, unknown>;
}

/** What `--clear` takes, and the field that it empties. */
const CLEARED: Readonly<Record<string, string>> = {
  'first-name': 'firstName',
  'last-name': 'lastName',
  team: 'teamId',
  position: 'positionId',
  manager: 'managerId',
  'employee-number': 'employeeNumber',
};

/** People, made and edited by hand; what a directory keeps in step is changed there. */
export function peopleEditing(person: Command, around: Surroundings): void {
  withFields(
    person
      .command('create')
      .description('adds somebody by hand, pending unless told; no e-mail is sent')
      .argument('<email>')
      .addOption(organisationOption())
      .addOption(new Option('--state <state>', 'to begin with').choices(['pending', 'active']).default('pending')),
  )
    .addHelpText(
      'after',
      examples(
        'person create ana@acme.example --first-name Ana --last-name Soares -o acme',
        'person create ben@acme.example --state active --team Sales --manager ana@acme.example -o acme',
      ),
    )
    .action(
      inOrganisation<Fields & { state: string }>(around, async (session, id, options, [email = '']) => {
        const order = accepted(CreatePerson, { email, state: options.state, ...(await fieldsOf(session, id, options)) });
        const view = await session.service(PeopleEditing).create(session.caller(id), order);
        session.output.result(view, () => {
          session.output.line(`${nameOf(view)} is here, ${view.state}.`);
          if (view.state === 'pending') session.output.note('Pending people cannot sign in, and were told nothing.');
        });
      }),
    );

  withFields(
    person
      .command('edit')
      .description('edits what no directory keeps in step; what is not named stays')
      .argument('<person>', 'e-mail or id')
      .addOption(organisationOption())
      .option('--email <email>', 'another address'),
  )
    .addOption(new Option('--clear <field>', 'empties a field; repeatable').choices(Object.keys(CLEARED)).argParser(cleared))
    .addHelpText(
      'after',
      examples(
        'person edit ana@acme.example --last-name Silva --email ana.silva@acme.example -o acme',
        'person edit ana@acme.example --clear team --clear position -o acme',
        'person edit ana@acme.example --attribute site=Porto --attribute badge=null -o acme',
      ),
    )
    .action(
      inOrganisation<Fields & { email?: string; clear?: string[] }>(around, async (session, id, options, [who = '']) => {
        const { email, clear = [] } = options;
        const change = {
          ...(email === undefined ? {} : { email }),
          ...Object.fromEntries(clear.map((field) => [field, null])),
          ...(await fieldsOf(session, id, options)),
        };
        if (Object.keys(change).length === 0)
          throw new RollcallError('request.invalid', 'Say what to change, for example --team "Sales"; --help lists it.');
        const personId = await personCalled(session, id, who);
        const view = await session.service(PeopleEditing).edit(session.caller(id), personId, accepted(EditPerson, change));
        session.output.result(view, () => session.output.line(`${nameOf(view)} was edited.`));
      }),
    );
} // prettier-ignore

function withFields(command: Command): Command {
  return command
    .option('--first-name <name>')
    .option('--last-name <name>')
    .option('--team <team>', 'name or id')
    .option('--position <position>', 'name or id')
    .addOption(frameworkOption('tells positions of one name apart'))
    .option('--manager <email|id>')
    .option('--employee-number <number>')
    .option('--attribute <name=value>', 'an extra attribute; null takes it away; repeatable', keyValue);
}

function cleared(text: string, before: string[] = []): string[] {
  const field = CLEARED[text];
  if (field !== undefined) return [...before, field];
  throw new RollcallError('request.invalid', `--clear takes one of ${Object.keys(CLEARED).join(', ')}.`);
}

/** The fields that were named, with what stands behind each name. */
async function fieldsOf(session: Session, organisationId: string, options: Fields): Promise<Record<string, unknown>> {
  const { firstName, lastName, employeeNumber, attribute: attributes, team, position, framework, manager } = options;
  const given = {
    firstName,
    lastName,
    employeeNumber,
    attributes,
    teamId: team === undefined ? undefined : (await teamCalled(session, organisationId, team)).id,
    positionId: position === undefined ? undefined : (await positionCalled(session, organisationId, position, framework)).id,
    managerId: manager === undefined ? undefined : await personCalled(session, organisationId, manager),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
} // prettier-ignore

/** Checked as the API checks it. */
function accepted<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidInput(parsed.error.issues);
}
