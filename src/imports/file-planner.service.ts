import { Inject, Injectable } from '@nestjs/common';
import { ahead } from '../common/ahead.js';
import { RollcallError } from '../common/errors.js';
import { CONFIG, type Config } from '../config/config.types.js';
import type { RawRow } from '../connectors/csv/csv.types.js';
import { SeenAddresses } from '../connectors/csv/duplicates.js';
import { FileFault } from '../connectors/csv/errors.js';
import { readCsv } from '../connectors/csv/read-csv.js';
import { contentOf, judgeRow, type JudgedRow } from '../connectors/csv/row-values.js';
import { encodingSamples } from '../connectors/csv/samples.js';
import type { Tx } from '../database/tx.js';
import { ReferenceService } from '../frameworks/reference.service.js';
import { nameOf, PeopleFacts } from '../people/people-facts.service.js';
import { fileLine, isWorthALine, newcomerId } from '../runs/file-lines.js';
import { FilePlaces } from '../runs/file-places.js';
import { FilePlans, type LeftRow } from '../runs/file-plans.service.js';
import type { PlannedChange } from '../runs/plan.types.js';
import type { RunContext } from '../runs/run-context.js';
import type { FilePerson, FilePolicy, FileRow, RowDecision } from '../sync/file-rows.js';
import { FileBytes } from './file-bytes.service.js';
import { FileLook, faultyLine, leftLine } from './file-look.js';
import { ImportsRepository } from './imports.repository.js';
import type { Found, ImportRow } from './imports.types.js';

interface Decided {
  row: FileRow;
  person: FilePerson | null;
  decision: RowDecision;
  namesake: boolean;
}

/** Makes the plan of a file in one pass through it, a page of rows at a time. */
@Injectable()
export class FilePlanner {
  constructor(
    private readonly imports: ImportsRepository,
    private readonly bytes: FileBytes,
    private readonly people: PeopleFacts,
    private readonly references: ReferenceService,
    private readonly plans: FilePlans,
    @Inject(CONFIG) private readonly config: Pick<Config, 'imports'>,
  ) {}

  /** @throws {RollcallError} `import.file_invalid` with the line and the column; `import.faulty_rows`, `import.file_lost` */
  async plan(context: RunContext, file: ImportRow): Promise<void> {
    const look = new FileLook();
    try {
      await this.lookThrough(context, file, look);
    } catch (error) {
      if (!(error instanceof FileFault)) throw error;
      const { code, message, line, column } = error;
      const samples = code === 'encoding_unknown' ? await encodingSamples(this.bytes.of(context, file)) : [];
      await this.tell(context, file, { fault: { code, message, line, column, samples } }, []);
      throw new RollcallError('import.file_invalid', message, { line, column });
    }
    await this.tell(context, file, { ...look.found, ...look.names() }, look.unchanged);
    if (context.run.confirms !== null && look.found.faulty > 0 && !file.options.leaveOutFaulty)
      throw new RollcallError('import.faulty_rows', `${look.found.faulty} rows have faults; nothing was applied.`);
  }

  private async lookThrough(context: RunContext, file: ImportRow, look: FileLook): Promise<void> {
    const { encoding, delimiter, createTeams, createPositions, clearEmpty, mayMakeAdmins } = file.options;
    const reading = readCsv(this.bytes.of(context, file), {
      ...(encoding === null ? {} : { encoding }),
      ...(delimiter === null ? {} : { delimiter }),
      limits: this.config.imports,
      signal: context.lease.signal,
    });
    const policy: FilePolicy = { createTeams, createPositions, mayMakeAdmins, clearEmpty: new Set(clearEmpty) };
    const reference = await context.lease.read((tx) => this.references.reference(tx));
    const places = new FilePlaces(reference, context.organisationId);
    const seen = new SeenAddresses();
    look.found.head = await reading.head;
    let before = 0;
    let stored = ahead(Promise.resolve());
    for await (const page of reading.rows) {
      const lines = await this.page(context, file.id, { page, before, look, seen, places, policy });
      before = page.at(-1)?.line ?? before;
      // The lines of a page are stored while the next one is decided.
      await stored;
      stored = ahead(
        this.plans.store(context, lines, {
          records: look.found.rows,
          decided: look.found.rows,
          unchanged: look.found.unchanged,
        }),
      );
    }
    await stored;
    await this.plans.store(context, places.lines(() => look.nextSeq())); // prettier-ignore
    await this.amend(context, look);
    Object.assign(look.found, await context.lease.read((tx) => this.imports.planned(tx, context.runId)));
  }

  /** What is known of a page of rows: the lines of those of which there is something to say. */
  private async page(
    context: RunContext,
    importId: string,
    at: {
      page: readonly RawRow[];
      before: number;
      look: FileLook;
      seen: SeenAddresses;
      places: FilePlaces;
      policy: FilePolicy;
    },
  ): Promise<PlannedChange[]> {
    const { page, look, seen } = at;
    const lines = new Map<number, PlannedChange>();
    const rows: JudgedRow[] = [];
    for (const raw of page) {
      const judged = judgeRow(raw);
      if (judged.row === null) lines.set(raw.line, this.faulty(look, raw, judged.faults));
      else {
        const said = this.repeated(look, seen, judged.row);
        if (said === null) rows.push(judged.row);
        else lines.set(raw.line, said);
      }
    }
    const decided = await context.lease.read((tx) => this.decide(tx, importId, rows, at));
    const byLine = new Map(decided.map((one) => [one.row.line, one]));
    let before = at.before;
    const ordered = page.flatMap(({ line }): PlannedChange[] => {
      const previous = before;
      before = line;
      const one = byLine.get(line);
      const said = one === undefined ? (lines.get(line) ?? null) : this.lineOf(look, importId, one, previous);
      return said === null ? [] : [said];
    });
    look.found.rows += page.length;
    // In the order of the file, whichever was found first.
    return ordered.map((line) => ({ ...line, seq: look.nextSeq() }));
  }

  private faulty(look: FileLook, raw: RawRow, faults: Parameters<typeof faultyLine>[3]): PlannedChange {
    look.found.faulty += 1;
    return faultyLine(0, raw.line, raw.cells.email ?? '', faults);
  }

  /** Null for the first row of an address. */
  private repeated(look: FileLook, seen: SeenAddresses, row: JudgedRow): PlannedChange | null {
    const earlier = seen.add(row.emailCanonical, contentOf(row), row.line);
    if (earlier === null) return null;
    if (earlier.same) {
      look.found.repeated += 1;
      return leftLine(0, row.line, row.email, `Line ${earlier.line} says the same.`);
    }
    look.found.faulty += 1;
    if (!look.contradicted.has(earlier.line)) {
      look.found.faulty += 1;
      look.contradicted.set(earlier.line, { line: row.line, label: row.email });
    }
    return faultyLine(0, row.line, row.email, [{ field: 'email', text: contradiction(earlier.line) }]);
  }

  private async decide(
    tx: Tx,
    importId: string,
    rows: readonly JudgedRow[],
    { places, policy }: { places: FilePlaces; policy: FilePolicy },
  ): Promise<Decided[]> {
    const named = rows.flatMap(({ emailCanonical, manager }) =>
      manager ? [emailCanonical, manager] : [emailCanonical],
    );
    const people = await this.people.byAddress(tx, [...new Set(named)]);
    const decided = rows.map(({ manager, values, ...rest }): Omit<Decided, 'namesake'> => {
      const managerId = manager ? (people.get(manager)?.id ?? newcomerId(importId, manager)) : manager;
      const row: FileRow = { ...rest, values: { ...values, ...(managerId === undefined ? {} : { managerId }) } };
      const person = people.get(row.emailCanonical) ?? null;
      return { row, person, decision: places.decide(row, person, policy) };
    });
    const nameIn = ({ row: { values } }: Omit<Decided, 'namesake'>): string =>
      nameOf(values.firstName ?? null, values.lastName ?? null);
    const newcomers = decided.filter(({ decision }) => decision.change?.kind === 'add');
    const taken = await this.people.sameNames(tx, newcomers.map(nameIn)); // prettier-ignore
    return decided.map((one) => ({
      ...one,
      namesake: one.decision.change?.kind === 'add' && taken.has(nameIn(one)),
    }));
  }

  private lineOf(
    look: FileLook,
    importId: string,
    { row, person, decision, namesake }: Decided,
    before: number,
  ): PlannedChange | null {
    const { found } = look;
    look.missing(decision.missingTeam, decision.missingPosition);
    if (!isWorthALine(decision)) {
      look.leave(row.line, before);
      return null;
    }
    if (decision.fault !== null) found.faulty += 1;
    const line = fileLine(0, importId, row, person, decision);
    if (!namesake) return line;
    found.namesakes += 1;
    const notes = [line.reason.facts?.['notes'], 'namesake'].filter((note) => note !== undefined).join(',');
    return { ...line, reason: { ...line.reason, facts: { ...line.reason.facts, notes } } };
  }

  /** The first row of an address that a later one contradicts is faulty as well. */
  private async amend(context: RunContext, look: FileLook): Promise<void> {
    const left: LeftRow[] = [...look.contradicted]
      .map(([line, by]) => ({ line, because: contradiction(by.line) }))
      .sort((a, b) => a.line - b.line);
    for (let at = 0; at < left.length; at += AMENDED) {
      const some = left.slice(at, at + AMENDED);
      await this.plans.leave(context, some);
      const silent = some.filter(({ line }) => look.isUnchanged(line));
      await this.plans.store(
        context,
        silent.map(({ line, because }) =>
          faultyLine(look.nextSeq(), line, look.contradicted.get(line)?.label ?? '', [
            { field: 'email', text: because },
          ]),
        ),
      );
    }
    look.takeBack(left.map(({ line }) => line));
  }

  private async tell(
    { lease, runId }: RunContext,
    { id }: ImportRow,
    found: Partial<Found>,
    unchanged: readonly number[],
  ): Promise<void> {
    await lease.write((tx) => this.imports.setFound(tx, id, runId, found, unchanged));
  }
}

/** Rows that are amended together. */
const AMENDED = 2_000;

function contradiction(line: number): string {
  return `Line ${line} has the same address and says something else.`;
}
