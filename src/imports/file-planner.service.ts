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
import { ReferenceService } from '../frameworks/reference.service.js';
import { nameOf, PeopleFacts } from '../people/people-facts.service.js';
import { fileLine, isWorthALine, NewcomerIds } from '../runs/file-lines.js';
import { FilePlaces } from '../runs/file-places.js';
import { FilePlans, type LeftRow } from '../runs/file-plans.service.js';
import type { PlannedChange } from '../runs/plan.types.js';
import type { RunContext } from '../runs/run-context.js';
import type { Progress } from '../runs/runs.types.js';
import type { FilePerson, FilePolicy, FileRow } from '../sync/file-rows.js';
import { FileBytes } from './file-bytes.service.js';
import { FileLook, faultyLine, leftLine } from './file-look.js';
import { ImportsRepository } from './imports.repository.js';
import type { Found, ImportRow } from './imports.types.js';

/** A page of rows, judged by themselves, with what is known here of those whom they name. */
interface Gathered {
  page: readonly RawRow[];
  /** In the order of the page; a row of which there is nothing more to decide has its line already. */
  rows: (JudgedRow | PlannedChange)[];
  /** By address. */
  people: ReadonlyMap<string, FilePerson>;
  /** Names of newcomers that somebody here has. */
  taken: ReadonlySet<string>;
}

/** What one pass through a file carries from page to page. */
interface Pass {
  context: RunContext;
  look: FileLook;
  seen: SeenAddresses;
  newcomers: NewcomerIds;
  places: FilePlaces;
  policy: FilePolicy;
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
    const pass: Pass = {
      context,
      look,
      seen: new SeenAddresses(),
      newcomers: new NewcomerIds(file.id),
      places: new FilePlaces(reference, context.organisationId),
      policy,
    };
    look.found.head = await reading.head;
    await this.throughPages(pass, reading.rows);
    await this.plans.store(context, pass.places.lines(() => look.nextSeq())); // prettier-ignore
    await this.amend(context, look);
    await this.plans.tell(context, progressOf(look));
    Object.assign(look.found, await context.lease.read((tx) => this.imports.planned(tx, context.runId)));
  }

  /** A page is decided while the next one is read and looked up, and the ones before it are stored. */
  private async throughPages(pass: Pass, pages: AsyncIterable<RawRow[]>): Promise<void> {
    const stores: Promise<void>[] = [];
    let before = 0;
    let decided = 0;
    let last: Promise<Gathered> | null = null;
    let next: Promise<Gathered> | null = null;
    const decide = async (gathering: Promise<Gathered>): Promise<void> => {
      const gathered = await gathering;
      const lines = this.decide(pass, gathered, before);
      before = gathered.page.at(-1)?.line ?? before;
      if (stores.length === STORED_AT_ONCE) await stores.shift();
      decided += 1;
      // Pages that change nothing say how far the run is, and ask whether it may go on, a few at a time.
      if (lines.length === 0 && decided % TOLD_EVERY !== 0) return;
      stores.push(ahead(this.plans.store(pass.context, lines, progressOf(pass.look))));
    };
    try {
      for await (const page of pages) {
        next = ahead(this.gather(pass, page));
        if (last !== null) await decide(last);
        last = next;
      }
      if (last !== null) await decide(last);
    } finally {
      await Promise.allSettled([last, next, ...stores]);
    }
    await Promise.all(stores);
  }

  /** Judges the rows of a page by themselves, and looks up those whom they name. */
  private gather({ context, look, seen }: Pass, page: readonly RawRow[]): Promise<Gathered> {
    const rows = page.map((raw) => {
      const { row, faults } = judgeRow(raw);
      return row === null ? this.faulty(look, raw, faults) : (this.repeated(look, seen, row) ?? row);
    });
    const addresses = new Set<string>();
    for (const row of rows) {
      if (!isJudged(row)) continue;
      addresses.add(row.emailCanonical);
      if (row.manager) addresses.add(row.manager);
    }
    return context.lease.read(async (tx) => {
      const people = await this.people.byAddress(tx, [...addresses]);
      const names = rows.flatMap((row) => (isJudged(row) && !people.has(row.emailCanonical) ? [nameIn(row)] : []));
      return { page, rows, people, taken: await this.people.sameNames(tx, names) };
    });
  }

  /** The lines of those rows of which there is something to say, in the order of the file. */
  private decide(pass: Pass, { rows, people, taken, page }: Gathered, before: number): PlannedChange[] {
    const { look } = pass;
    const lines: PlannedChange[] = [];
    let previous = before;
    for (const [at, row] of rows.entries()) {
      const line = isJudged(row) ? this.lineOf(pass, row, people, taken, previous) : row;
      previous = page[at]?.line ?? previous;
      if (line === null) continue;
      line.seq = look.nextSeq();
      lines.push(line);
    }
    look.found.rows += rows.length;
    return lines;
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

  /** Null where there is nothing to say. @param before Line of the row before. */
  private lineOf(
    { look, newcomers, places, policy }: Pass,
    { manager, ...judged }: JudgedRow,
    people: ReadonlyMap<string, FilePerson>,
    taken: ReadonlySet<string>,
    before: number,
  ): PlannedChange | null {
    const row: FileRow = judged;
    if (manager !== undefined)
      row.values.managerId = manager === null ? null : (people.get(manager)?.id ?? newcomers.of(manager));
    const person = people.get(row.emailCanonical) ?? null;
    const decision = places.decide(row, person, policy);
    const { found } = look;
    look.missing(decision.missingTeam, decision.missingPosition);
    if (!isWorthALine(decision)) {
      look.leave(row.line, before);
      return null;
    }
    if (decision.fault !== null) found.faulty += 1;
    const adds = decision.change?.kind === 'add';
    const id = adds ? newcomers.of(row.emailCanonical) : (person?.id ?? null);
    const line = fileLine(0, id, row, person, decision);
    if (!adds || taken.size === 0 || !taken.has(nameIn(judged))) return line;
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

const TOLD_EVERY = 5;

/** Pages that are stored at once, each on a connection of its own. */
const STORED_AT_ONCE = 2;

/** Whether there is still something to decide. */
function isJudged(row: JudgedRow | PlannedChange): row is JudgedRow {
  return 'emailCanonical' in row;
}

function progressOf({ found: { rows, unchanged } }: FileLook): Progress {
  return { records: rows, decided: rows, unchanged };
}

function nameIn({ values }: Pick<JudgedRow, 'values'>): string {
  return nameOf(values.firstName ?? null, values.lastName ?? null);
}

function contradiction(line: number): string {
  return `Line ${line} has the same address and says something else.`;
}
