import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { RollcallError } from '../common/errors.js';
import { Inviting } from '../invitations/inviting.service.js';
import { examples, inOrganisation, organisationOption, type Surroundings } from './command.js';
import { teamCalled } from './naming.js';
import type { Session } from './session.js';
import { many } from './text.js';
import type { InviteResult } from './views.js';

interface Choices {
  file?: string;
  message?: string;
  language?: 'en' | 'de' | 'fr' | 'es' | 'pt';
  team?: string;
  admin?: boolean;
  later?: boolean;
  restore?: boolean;
  check?: boolean;
}

/** Invitations by hand, from a terminal. */
export function inviteCommands(program: Command, around: Surroundings): void {
  program
    .command('invite')
    .description('invites people by mail')
    .argument('[address...]', 'addresses in any common form: a@b, "Ada King <a@b>", lists with commas')
    .addOption(organisationOption())
    .option('--file <file>', 'a file with a list of addresses')
    .option('--message <file>', 'a file whose text stands in the mail')
    .addOption(new Option('--language <language>', 'of the mail').choices(['en', 'de', 'fr', 'es', 'pt']))
    .option('--team <team>', 'that they are in')
    .option('--admin', 'makes them admins')
    .option('--later', 'tells nobody yet')
    .option('--restore', 'brings back who is archived')
    .option('--check', 'says what would become of each, and does nothing')
    .addHelpText(
      'after',
      examples('invite ana@acme.example "Bo Lind <bo@acme.example>" -o acme', 'invite --file list.txt -o acme --check'),
    )
    .action(
      inOrganisation<Choices>(around, async (session, id, choices, addresses) => {
        const text = [...addresses, ...(choices.file === undefined ? [] : [await textOf(choices.file)])].join('\n');
        if (text.trim() === '') throw new RollcallError('request.invalid', 'Name somebody, or a file with --file.');
        const inviting = session.service(Inviting);
        const caller = session.caller(id);
        const checked = await inviting.check(caller, { text });
        if (choices.check === true) {
          session.output.result(
            checked,
            () =>
            table(session, checked.items.map((one) => [one.email, one.standing, one.sentence])), // prettier-ignore
          );
          return 'done';
        }
        const teamId = choices.team === undefined ? null : (await teamCalled(session, id, choices.team)).id;
        const message = choices.message === undefined ? null : (await textOf(choices.message)).normalize('NFC').trim();
        const invited = await inviting.invite(caller, {
          items: checked.items.map(({ email, firstName, lastName }) => ({
            email,
            firstName,
            lastName,
            teamId,
            admin: choices.admin === true,
            restore: choices.restore === true,
          })),
          message,
          ...(choices.language === undefined ? {} : { language: choices.language }),
          send: choices.later !== true,
        });
        session.output.result(invited, () => told(session, invited.items));
        return invited.items.some(({ invitationId }) => invitationId !== null) ? 'done' : 'attention';
      }),
    );
}

function told(session: Session, items: readonly InviteResult[]): void {
  table(session, items.map((one) => [one.email, one.result, one.sentence])); // prettier-ignore
  const invited = items.filter(({ invitationId }) => invitationId !== null).length;
  session.output.line();
  session.output.line(`${many(invited, 'person is', 'people are')} invited; a running service sends the mail.`);
}

function table({ output }: Session, rows: string[][]): void {
  output.table(['ADDRESS', 'RESULT', ''], rows, 'There is no address in it.');
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new RollcallError('request.invalid', `The file "${file}" cannot be read.`, undefined, { cause: error });
  }
}
