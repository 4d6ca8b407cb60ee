import type { Caller } from '../../src/auth/auth.types.js';
import { canonicalEmail } from '../../src/common/email.js';
import { newId } from '../../src/common/ids.js';
import type { Tx } from '../../src/database/tx.js';
import { ReferenceService } from '../../src/frameworks/reference.service.js';
import { PeopleFacts } from '../../src/people/people-facts.service.js';
import type { ChangedBy } from '../../src/people/people.types.js';
import { fileLine, isWorthALine, NewcomerIds } from '../../src/runs/file-lines.js';
import { FilePlaces } from '../../src/runs/file-places.js';
import { FilePlans } from '../../src/runs/file-plans.service.js';
import { LocalKinds, type LocalKind, type RunEnd } from '../../src/runs/local-kinds.service.js';
import { Places } from '../../src/runs/places.service.js';
import type { PlannedChange, PlannedRow } from '../../src/runs/plan.types.js';
import type { RunContext } from '../../src/runs/run-context.js';
import { Runner } from '../../src/runs/runner.js';
import type { FileSettings, RunRow } from '../../src/runs/runs.types.js';
import { RunsService } from '../../src/runs/runs.service.js';
import type { FilePolicy, FileRow } from '../../src/sync/file-rows.types.js';
import { keyOf } from './callers.js';
import { TELLING } from './people.js';
import { startService, type ServiceOptions, type TestService } from './service.js';

/** A row as a test writes it: `manager` is an address. */
export type Row = { email: string; manager?: string | null } & Omit<FileRow['values'], 'managerId'>;

/** A file that is in memory: what it says, and how it is to be taken. */
export interface FakeFile {
  rows: Row[];
  policy: FilePolicy;
  /** Thrown while it is read. */
  fault: Error | null;
  /** Lines that are found faulty once all were seen. */
  faulty: number[];
}

export const POLICY: FilePolicy = {
  clearEmpty: new Set(),
  createTeams: false,
  createPositions: false,
  mayMakeAdmins: true,
};

export const INVITER = '01990000-0000-7000-8000-00000000000a';

/** Reads files that tests hold in memory; writes invitations as the real one does, in the transaction of the batch. */
export class FileReader implements LocalKind {
  readonly files = new Map<string, FakeFile>();
  readonly ends: (RunEnd & { kind: string })[] = [];
  /** How often a file was looked through, and planned. */
  reads = 0;
  plans = 0;
  /** Rows that are decided together. */
  page = 3;

  constructor(
    private readonly people: PeopleFacts,
    private readonly references: ReferenceService,
    private readonly lines: FilePlans,
    private readonly places: Places,
  ) {}

  read(context: RunContext): Promise<void> {
    this.reads += 1;
    const { fault } = this.fileOf(context);
    return fault === null ? Promise.resolve() : Promise.reject(fault);
  }

  async plan(context: RunContext): Promise<void> {
    this.plans += 1;
    const { rows, policy, faulty } = this.fileOf(context);
    const { importId } = context.run.settings as FileSettings;
    const reference = await context.lease.read((tx) => this.references.reference(tx));
    const places = new FilePlaces(reference, context.organisationId);
    const newcomers = new NewcomerIds(importId);
    let seq = 0;
    let unchanged = 0;
    for (let at = 0; at < rows.length; at += this.page) {
      const page = rows.slice(at, at + this.page);
      const decided = await context.lease.read((tx) => this.decide(tx, newcomers, page, at, places, policy));
      const lines = decided.flatMap(({ row, person, decision }): PlannedChange[] => {
        if (!isWorthALine(decision)) {
          unchanged += 1;
          return [];
        }
        const id = decision.change?.kind === 'add' ? newcomers.of(row.emailCanonical) : (person?.id ?? null);
        return [fileLine((seq += 1), id, row, person, decision)];
      });
      await this.lines.store(context, lines, { records: at + page.length, unchanged });
    }
    await this.lines.store(context, places.lines(() => (seq += 1))); // prettier-ignore
    await this.lines.leave(
      context,
      faulty.map((line) => ({ line, because: 'Said twice.' })),
    );
  }

  makePlaces(tx: Tx, { runId }: RunContext, lines: readonly PlannedRow[]): Promise<ReadonlyMap<string, string>> {
    return this.places.make(tx, lines, { by: { kind: 'system' }, runId }, 'csv');
  }

  async applied(tx: Tx, { organisationId, run }: RunContext, done: readonly PlannedRow[]): Promise<void> {
    const { importId } = run.settings as FileSettings;
    for (const { personId, after } of done) {
      if (after?.invites !== true) continue;
      await tx.execute(
        `INSERT INTO invitation (organisation_id, id, person_id, email_canonical, is_admin, invited_by, inviter_name, language, import_id, queued_at)
         SELECT $1, $2, p.id, p.email_canonical, p.is_admin, '{"kind": "system"}', 'Grace', 'en', $3, now() FROM person p WHERE p.id = $4`,
        [organisationId, newId(), importId, personId],
      );
    }
  }

  async undone(tx: Tx, _context: RunContext, done: readonly PlannedRow[]): Promise<void> {
    await tx.execute(
      `UPDATE invitation SET closed_at = now(), closed_because = 'undone' WHERE closed_at IS NULL AND person_id = ANY($1::uuid[])`,
      [done.flatMap(({ personId }) => personId ?? [])],
    );
  }

  ended(_tx: Tx, { kind }: RunContext, end: RunEnd): Promise<void> {
    this.ends.push({ ...end, kind });
    return Promise.resolve();
  }

  changedBy({ runId }: RunContext): ChangedBy {
    return { origin: 'csv', actor: { kind: 'key', id: INVITER, personId: null }, runId };
  }

  private async decide(
    tx: Tx,
    newcomers: NewcomerIds,
    page: readonly Row[],
    at: number,
    places: FilePlaces,
    policy: FilePolicy,
  ) {
    const named = page.flatMap(({ email, manager }) => [email, ...(manager ? [manager] : [])]).map(canonical);
    const people = await this.people.byAddress(tx, named);
    return page.map(({ email, manager, ...values }, index) => {
      const managerId = manager ? (people.get(canonical(manager))?.id ?? newcomers.of(canonical(manager))) : manager; // prettier-ignore
      const row: FileRow = {
        line: at + index + 2,
        email,
        emailCanonical: canonical(email),
        values: { ...values, ...(managerId === undefined ? {} : { managerId }) },
      };
      const person = people.get(row.emailCanonical) ?? null;
      return { row, person, decision: places.decide(row, person, policy) };
    });
  }

  private fileOf({ run }: RunContext): FakeFile {
    const file = this.files.get((run.settings as FileSettings).importId);
    if (file === undefined) throw new Error('the test forgot the file');
    return file;
  }
}

function canonical(address: string): string {
  return canonicalEmail(address) ?? address;
}

export interface FileWorld extends AsyncDisposable {
  service: TestService;
  runs: RunsService;
  runner: Runner;
  reader: FileReader;
  caller: Caller;
  /** A file, and its id. */
  file(rows: Row[], how?: Partial<FilePolicy>, more?: Partial<Omit<FakeFile, 'rows' | 'policy'>>): string;
  ask(importId: string, confirms?: string | null, archives?: number): Promise<RunRow>;
  ended(run: RunRow): Promise<RunRow>;
  /** Asked, and carried out. */
  preview(importId: string): Promise<RunRow>;
  /** Shown, confirmed, and both carried out. */
  import(importId: string, archives?: number): Promise<RunRow>;
  rows<Item extends object>(text: string, values?: unknown[]): Promise<Item[]>;
  /** Everybody in a line each. */
  people(): Promise<string[]>;
  lines(run: RunRow): Promise<{ kind: string; disposition: string; label: string; reason: { code: string; facts?: Record<string, unknown> } }[]>; // prettier-ignore
}

/** Has the service read the files that the test holds. */
export function readFilesIn(service: TestService): FileReader {
  const get = <T>(type: abstract new (...given: never[]) => T): T => service.app.get<T>(type, { strict: false });
  const reader = new FileReader(get(PeopleFacts), get(ReferenceService), get(FilePlans), get(Places));
  get(LocalKinds).of = (kind) => (kind === 'import' ? reader : null);
  return reader;
}

export async function startFileWorld(options: ServiceOptions = {}): Promise<FileWorld> {
  return fileWorldOf(await startService(options));
}

export function fileWorldOf(service: TestService): FileWorld {
  const reader = readFilesIn(service);
  const runs = service.app.get(RunsService, { strict: false });
  const runner = service.app.get(Runner, { strict: false });
  const organisationId = service.organisation.id;
  const caller = keyOf(organisationId);
  const rows = <Item extends object>(text: string, values: unknown[] = []): Promise<Item[]> =>
    service.database.asOrganisation(organisationId, (tx) => tx.query<Item>(text, values));
  const ask: FileWorld['ask'] = (importId, confirms = null, archives) =>
    service.database.asOrganisation(organisationId, (tx) =>
      runs.askForFile(tx, caller, { importId, ...(archives === undefined ? {} : { archives }) }, confirms),
    );
  const ended: FileWorld['ended'] = async (run) => {
    await runner.runAllDue();
    return service.database.asOrganisation(organisationId, (tx) => runs.known(tx, organisationId, run.id));
  };
  return {
    service, runs, runner, reader, caller, rows, ask, ended,
    file: (all, how = {}, more = {}) => {
      const importId = newId();
      reader.files.set(importId, { rows: all, policy: { ...POLICY, ...how }, fault: null, faulty: [], ...more });
      return importId;
    },
    preview: async (importId) => ended(await ask(importId)),
    import: async (importId, archives) => {
      const shown = await ended(await ask(importId));
      if (shown.state !== 'ready') throw new Error(`the preview ended ${shown.state}: ${shown.errorCode}`);
      return ended(await ask(importId, shown.id, archives));
    },
    people: async () =>
      (await rows<{ told: string }>(TELLING)).map(({ told }) => told),
    lines: (run) => rows('SELECT kind, disposition, label, reason FROM planned_change WHERE run_id = $1 ORDER BY seq', [run.id]),
    [Symbol.asyncDispose]: () => service.close(),
  }; // prettier-ignore
}
