import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  expected,
  FAULT_ROWS,
  makeCompany,
  ManualClock,
  serveGoogle,
  serveOkta,
  type Company,
  type FaultRow,
  type GoogleSimulator,
  type OktaSimulator,
} from '../index.ts';

/** Rows that a directory can bring about. Others are about our own process, database, host or settings. */
const ROWS = [
  ...['F-01', 'F-02', 'F-03', 'F-05', 'F-06', 'F-07', 'F-08', 'F-10', 'F-11', 'F-12', 'F-13', 'F-15', 'F-17', 'F-18'],
  ...['F-20', 'F-22', 'F-23', 'F-25', 'F-28', 'F-30', 'F-33', 'F-34', 'F-35', 'F-36', 'F-38', 'F-39', 'F-41', 'F-43'],
  ...['F-45', 'F-48', 'F-51', 'F-52', 'F-53', 'F-55', 'F-56', 'F-58', 'F-70', 'F-71'],
];

let company: Company;
let okta: OktaSimulator;
let google: GoogleSimulator;

beforeEach(async () => {
  company = makeCompany({ people: 200, seed: 3, clock: new ManualClock() });
  [okta, google] = await Promise.all([serveOkta(company), serveGoogle(company)]);
});

afterEach(async () => {
  await Promise.all([okta.close(), google.close()]);
});

/** What somebody who looks at the directory can see of it. */
function state(): string {
  const scopes = [
    { provider: 'okta', kind: 'everyone' },
    { provider: 'okta', kind: 'application' },
  ] as const;
  const units = company.units.map((unit) => company.unitPath(unit.n));
  const groups = company.groups.map((group) => [group.deleted, [...group.nested], [...group.members]]);
  return JSON.stringify([scopes.map((scope) => expected(company, scope)), units, groups]);
}

describe('the catalogue', () => {
  it('has every row that a directory can bring about, and names each variant once', () => {
    expect([...new Set(FAULT_ROWS.map((row) => row.id))].sort()).toEqual(ROWS);
    const names = FAULT_ROWS.flatMap((row) => row.providers.map((provider) => `${row.id} ${row.variant} ${provider}`));
    expect(new Set(names).size).toBe(names.length);
  });

  const name = (row: FaultRow): string => `${row.id} ${row.variant}`;

  it.each(FAULT_ROWS.filter((row) => row.by !== 'wire').map((row) => [name(row), row] as const))(
    '%s changes the company, or what is said of it',
    (_name, row) => {
      const [provider = 'okta'] = row.providers;
      const before = state() + company.groups.length;
      row.inject({ server: { okta, google }[provider], company, provider });
      expect(state() + company.groups.length).not.toBe(before);
    },
  );

  it.each(FAULT_ROWS.filter((row) => row.by === 'wire').map((row) => [name(row), row] as const))(
    '%s leaves the company alone and arms a fault for each provider and page',
    (_name, row) => {
      const before = state();
      for (const provider of row.providers) {
        const server = { okta, google }[provider];
        for (const page of row.pages ?? [undefined]) row.inject({ server, company, provider }, page);
        expect(server.faults.pending).toBeGreaterThanOrEqual(row.pages?.length ?? 1);
      }
      expect(state()).toBe(before);
    },
  );
});
