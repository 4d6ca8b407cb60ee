import { Runner } from '../../src/runs/runner.js';
import { TELLING } from './people.js';
import type { Answer, Api, TestOrganisation, TestService } from './service.js';

/** An import as the API shows it, as far as tests look. */
export interface Shown {
  id: string;
  state: string;
  faulty: number;
  rows: number;
  unchanged: number;
  repeated: number;
  namesakes: number;
  admins: number;
  archivesToConfirm: number | null;
  missingTeams: string[];
  missingPositions: string[];
  columns: { name: string; field: string | null }[];
  encoding: string | null;
  delimiter: string | null;
  fault: { code: string; message: string; line: number; column: string | null; samples: unknown[] } | null;
  preview: { id: string; state: string; planHash: string; counts: Record<string, number> } | null;
  run: { id: string; state: string; counts: Record<string, number>; error: { code: string } | null } | null;
  invitations: { people: number; waiting: number } | null;
}

export interface ImportLine {
  line: number | null;
  kind: string;
  faulty: boolean;
  field: string | null;
  label: string;
  because: string;
  notes: string[];
  kept: string[];
}

/** The way of a file through the API. */
export interface Importing {
  upload(text: string | Uint8Array, name?: string): Promise<Answer<Shown>>;
  /** Uploaded, and looked at. */
  look(text: string | Uint8Array): Promise<Shown>;
  show(id: string): Promise<Shown>;
  change(id: string, change: object): Promise<Shown>;
  confirm(shown: Shown, more?: object): Promise<Answer<Shown>>;
  /** Looked at, confirmed, and applied. */
  apply(text: string | Uint8Array, change?: object): Promise<Shown>;
  lines(id: string, query?: string): Promise<ImportLine[]>;
  /** Whatever is due is carried out. */
  run(): Promise<void>;
  /** Everybody in a line each. */
  people(): Promise<string[]>;
  rows<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
}

export const TEXT_CSV = { 'content-type': 'text/csv' };

export function importing(service: TestService, of: TestOrganisation = service.organisation): Importing {
  const runner = service.app.get(Runner, { strict: false });
  const api: Api = of.api;
  const run = (): Promise<void> => runner.runAllDue();
  const upload: Importing['upload'] = (text, name = 'people.csv') =>
    api<Shown>('POST', `/api/v1/imports?name=${encodeURIComponent(name)}`, text, { headers: TEXT_CSV });
  const show: Importing['show'] = async (id) => (await api<Shown>('GET', `/api/v1/imports/${id}`)).body;
  const ok = (answer: Answer<Shown>, status: number): Shown => {
    if (answer.status !== status) throw new Error(`${answer.status}: ${answer.text}`);
    return answer.body;
  };
  const look: Importing['look'] = async (text) => {
    const { id } = ok(await upload(text), 201);
    await run();
    return show(id);
  };
  const change: Importing['change'] = async (id, choice) => {
    ok(await api<Shown>('PATCH', `/api/v1/imports/${id}`, choice), 200);
    await run();
    return show(id);
  };
  const confirm: Importing['confirm'] = (shown, more = {}) =>
    api<Shown>('POST', `/api/v1/imports/${shown.id}/confirm`, { planHash: shown.preview?.planHash, ...more });
  const rows: Importing['rows'] = (text, values = []) =>
    service.database.asOrganisation(of.id, (tx) => tx.query(text, values));
  return {
    upload, look, show, change, confirm, run, rows,
    apply: async (text, choice) => {
      const first = await look(text);
      const shown = choice === undefined ? first : await change(first.id, choice);
      const archives = shown.archivesToConfirm === null ? {} : { archives: shown.archivesToConfirm };
      ok(await confirm(shown, archives), 202);
      await run();
      return show(shown.id);
    },
    lines: async (id, query = '') =>
      (await api<{ items: ImportLine[] }>('GET', `/api/v1/imports/${id}/lines?limit=200${query}`)).body.items,
    people: async () =>
      (await rows<{ told: string }>(TELLING)).map(({ told }) => told),
  }; // prettier-ignore
}
