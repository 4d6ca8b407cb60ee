import { Command, InvalidArgumentError, Option } from 'commander';
import { line } from '../common/fields.js';
import { EXIT_CODES, type ExitReason } from './exit-codes.js';
import { Output, type Streams } from './output.js';
import { withSession, type Doorway, type Session } from './session.js';

/** What every command is given besides its own arguments. */
export interface Surroundings extends Doorway {
  streams: Streams;
  ended(reason: ExitReason): void;
}

export interface GlobalOptions {
  json?: boolean;
}

type Run<Options> = (session: Session, options: Options, args: string[]) => Promise<ExitReason | undefined | void>;

/** Makes a command's action of work on a session; what it returns becomes the exit code. */
export function acting<Options extends object>(around: Surroundings, run: Run<Options>) {
  return async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const options = command.optsWithGlobals<Options & GlobalOptions>();
    const args = given
      .slice(0, -2)
      .flat()
      .filter((one): one is string => typeof one === 'string');
    const output = new Output(around.streams, options.json === true);
    const reason = await withSession(output, around, (session) => run(session, options, args));
    around.ended(reason ?? 'done');
  };
}

/** As `acting`, for a command of one organisation. */
export function inOrganisation<Options extends object>(
  around: Surroundings,
  run: (
    session: Session,
    organisationId: string,
    options: Options & OfOrganisation,
    args: string[],
  ) => Promise<ExitReason | undefined | void>,
) {
  return acting<Options & OfOrganisation>(around, async (session, options, args) => {
    const { id } = await session.organisation(options.organisation);
    return run(session, id, options, args);
  });
}

export interface OfOrganisation {
  organisation: string;
}

/** What stands below the help of a command. */
export function examples(...lines: string[]): string {
  return `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.map((line) => `  rollcall ${line}`).join('\n')}`;
}

export function organisationOption(): Option {
  return new Option('-o, --organisation <slug>', 'short name of the organisation')
    .env('ROLLCALL_CLI_ORGANISATION')
    .makeOptionMandatory();
}

export function connectionOption(): Option {
  return new Option('-c, --connection <name>', 'name, id or kind of the connection').makeOptionMandatory();
}

export function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** A line of text that can be shown. */
export function lineOf(longest: number) {
  return (text: string): string => {
    const parsed = line(longest).safeParse(text);
    if (parsed.success) return parsed.data;
    throw new InvalidArgumentError(`It must be a line of 1 to ${longest} characters that can be shown.`);
  };
}

export function collect(text: string, before: string[] = []): string[] {
  return [...before, text];
}

export const EXIT_HELP = `
Exit codes:
${Object.values(EXIT_CODES)
  .map(({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning}`)
  .join('\n')}
`;
