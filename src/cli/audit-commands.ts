import { open } from 'node:fs/promises';
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { AuditExport } from '../audit/export.service.js';
import { AuditHeads } from '../audit/heads.service.js';
import { CHAIN_FAULTS } from '../audit/verify.js';
import { AuditVerifier, type ChainReport } from '../audit/verify.service.js';
import { AuditChain } from '../audit/chain.service.js';
import { codeOf, RollcallError } from '../common/errors.js';
import { Log } from '../people/log.service.js';
import { acting, examples, inOrganisation, organisationOption, wholeNumber, type Surroundings } from './command.js';
import { OPERATOR } from './session.js';
import { second } from './text.js';

interface Of {
  organisation: string;
  limit: number;
}

interface Verifying {
  organisation?: string;
  heads?: string;
  sinceRestore?: Date;
}

/** The log of who did what: to read, to prove, to take along. */
export function auditCommands(program: Command, around: Surroundings): void {
  const audit = program.command('audit').description('who did what: lists, verifies and exports the audit log');
  audit
    .command('list', { isDefault: true })
    .description('lists who did what, the newest first')
    .addOption(organisationOption())
    .option('--action <action>', 'of one kind, for example hold.approved; docs/audit-actions.md lists them')
    .option('--limit <number>', 'how many', wholeNumber(1, 100_000), 50)
    .action(
      acting<Of & { action?: string }>(around, async (session, { organisation, action, limit }) => {
        const { id } = await session.organisation(organisation);
        const log = session.service(Log);
        const items = await session.all(
          (cursor) => log.audit(id, { action, cursor, limit: Math.min(200, limit) }),
          limit,
        );
        session.output.result({ items }, () =>
          session.output.table(
            ['AT (UTC)', 'BY', 'ACTION', ''],
            items.map((one) => [
              second(one.at),
              one.by.kind,
              one.action,
              [one.subject.kind, one.subject.id, ...one.fields, ...detailsOf(one.detail)].join(' '),
            ]),
            'Nothing was done yet.',
          ),
        );
      }),
    );

  audit
    .command('verify')
    .description('tells whether the audit log is the one that was written; exit code 6 when it is not')
    .addOption(new Option('-o, --organisation <slug>', 'of one organisation only'))
    .option('--heads <file>', 'signed heads to hold the chains against; otherwise those that this installation wrote')
    .option(
      '--since-restore <time>',
      'when a backup was restored: heads signed before then may tell of more',
      instantOf,
    )
    .addHelpText('after', examples('audit verify', 'audit verify -o acme --heads /mnt/elsewhere/audit-heads.jsonl'))
    .action(acting<Verifying>(around, verify));

  audit
    .command('export')
    .description('writes the whole audit log to a new file, as lines of JSON with their places in the chain')
    .addOption(organisationOption())
    .requiredOption('--to <file>', 'must not be there yet')
    .action(
      inOrganisation<{ to: string }>(around, async (session, organisationId, { to }) => {
        const file = await open(to, 'wx', 0o600).catch((error: unknown) => {
          if (codeOf(error) !== 'EEXIST') throw error;
          throw new RollcallError('request.invalid', `There is a file ${to} already; it was left as it is.`);
        });
        let entries = 0;
        try {
          for await (const line of await session.service(AuditExport).begin(organisationId, OPERATOR)) {
            await file.write(line);
            entries += 1;
          }
        } finally {
          await file.close();
        }
        session.output.result({ file: to, entries }, () => session.output.line(`${to}: ${entries} entries.`));
      }),
    );
}

const verify: Parameters<typeof acting<Verifying>>[1] = async (session, { organisation, heads, sinceRestore }) => {
  const ids: string[] = [];
  if (organisation !== undefined) ids.push((await session.organisation(organisation)).id);
  else for await (const id of session.service(AuditChain).organisations()) ids.push(id);
  const file = session.service(AuditHeads);
  const headsOf = await file.read(heads ?? null).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new RollcallError('request.invalid', `There is no file ${heads ?? ''}.`);
  });
  const verifier = session.service(AuditVerifier);
  const reports: (ChainReport & { organisation: string })[] = [];
  for (const id of ids) {
    const report = await verifier.verify(id, headsOf(id), sinceRestore ?? null);
    reports.push({ organisation: id, ...report });
  }
  if (organisation === undefined)
    reports.push(...(await verifier.gone(await file.newest(heads ?? null), sinceRestore ?? null)));
  const intact = reports.every((report) => report.intact);
  session.output.result({ intact, organisations: reports }, () => {
    session.output.table(
      ['ORGANISATION', 'CHAINED', 'HEADS', ''],
      reports.map((one) => [
        one.organisation,
        String(one.chained),
        String(one.heads.agreed),
        one.intact ? 'intact' : `${one.faultCount} faults`,
      ]),
      'There is no organisation yet.',
    );
    for (const { organisation: of, faults } of reports)
      for (const { kind, position, seq } of faults) {
        const where = [position === null ? [] : `place ${position}`, seq === null ? [] : `entry ${seq}`].flat();
        session.output.line(session.output.bad([of, ...where, CHAIN_FAULTS[kind]].join(' · ')));
      }
    const superseded = reports.reduce((sum, one) => sum + one.heads.superseded, 0);
    if (superseded > 0) session.output.note(`${superseded} heads tell of what the restored backup did not have.`);
    const unknown = reports.reduce((sum, one) => sum + one.heads.unknownKey, 0);
    if (unknown > 0)
      session.output.note(
        `${unknown} heads are signed with a former secret key; give it as ROLLCALL_SECRET_KEY_PREVIOUS.`,
      );
    if (reports.some((one) => one.chained > 0 && one.heads.agreed === 0))
      session.output.note('Where no head was compared, a tail that was cut off cannot be seen.');
  });
  return intact ? 'done' : 'attention';
};

function instantOf(text: string): Date {
  const at = new Date(text);
  if (!Number.isNaN(at.getTime())) return at;
  throw new InvalidArgumentError('It must be a time, for example 2026-11-22T14:00:00Z.');
}

/** What only a program needs: `--json` has it. */
const INNER = ['change', 'version'];

function detailsOf(detail: Record<string, unknown>): string[] {
  return Object.entries(detail)
    .filter(([name]) => !INNER.includes(name))
    .map(([name, value]) => `${name}=${String(value)}`);
}
