import type { Company } from '../company/company.ts';
import { BOTH, lived, type FaultRow, type FaultOutcome, type ProviderName } from './row.ts';

const GONE = ([404, 410, 412] as const).map((status): FaultRow => ({
  id: 'F-10',
  variant: `${status} on a point read of somebody who left`,
  providers: ['google'],
  pages: null,
  by: 'company',
  outcome: 'EQUAL',
  inject: ({ company, server }) => {
    const [person] = company.purge(1);
    if (!person) throw new RangeError('nobody to leave');
    const subject = company.ids.google('person', person.n);
    server.faults.add({ route: 'users.get', subject, times: 'forever', do: { kind: 'status', status } });
  },
}));

/** Everybody but the admin and `keep` others leaves. */
function leaveAllBut(company: Company, keep: number): void {
  company.leave(company.employed().slice(1).slice(keep));
}

const COMPANIES: readonly FaultRow[] = [
  lived('F-33', 'everybody left but the admin', 'HOLD', (company) => leaveAllBut(company, 0)),
  lived('F-34', 'half of them left', 'HOLD', (company) =>
    leaveAllBut(company, Math.floor(company.employed().length / 2)),
  ),
  lived('F-35', 'one user left', 'HOLD', (company) => leaveAllBut(company, 1)),
  lived('F-36', 'all suspended', 'HOLD', (company) => {
    company.suspend(company.employed().slice(1));
  }),
  lived('F-36', 'all deprovisioned', 'HOLD', (company) => {
    company.deprovision(company.employed().slice(1));
  }),
  lived('F-38', 'all external ids changed', 'CONFLICT', (company) => company.reissueIds()),
  lived('F-45', 'two exchange addresses', 'EQUAL', (company) => {
    company.exchangeAddresses(...company.employed().slice(1, 3));
  }),
  lived('F-45', 'three exchange addresses in a ring', 'EQUAL', (company) => {
    company.exchangeAddresses(...company.employed().slice(1, 4));
  }),
  lived('F-71', 'a deletion that no log tells of', 'EQUAL', (company) => {
    company.silently(() => company.erase(1));
  }),
  lived('F-51', 'somebody is made again with a new id', 'EQUAL', (company) => {
    company.recreate(1);
  }),
];

const scoped = (
  id: string,
  variant: string,
  outcome: FaultOutcome,
  providers: readonly ProviderName[],
  happen: (company: Company) => void,
): FaultRow => ({ ...lived(id, variant, outcome, happen), providers, by: 'scope' });

/** The scope is the group `Design`, the unit `/Employees/Sales`, or the application. */
const SCOPES: readonly FaultRow[] = [
  scoped('F-08', 'the group is deleted', 'QUARANTINE', BOTH, (company) => company.deleteGroup(company.group('Design'))),
  scoped('F-41', 'every group is unassigned from the app', 'HOLD', ['okta'], (company) => {
    for (const n of [...company.application.groups]) company.unassignGroup(company.group(n));
  }),
  scoped('F-41', 'the unit is renamed', 'HOLD', ['google'], (company) => {
    company.changeUnitItself(company.unit('/Employees/Sales'), { name: 'Selling' });
  }),
  scoped('F-41', 'the unit is moved', 'HOLD', ['google'], (company) => {
    company.changeUnitItself(company.unit('/Employees/Sales'), { parent: '/Contractors' });
  }),
  scoped('F-43', 'groups within each other', 'EQUAL', ['google'], (company) => {
    company.nest(company.group('Building the product'), company.group('Design'));
    company.nest(company.group('Design'), company.group('Building the product'));
  }),
  scoped('F-43', 'a group within itself', 'EQUAL', ['google'], (company) => {
    company.nest(company.group('Design'), company.group('Design'));
  }),
  scoped('F-43', 'groups 500 deep', 'EQUAL', ['google'], (company) => {
    let outer = company.group('Design');
    for (let i = 1; i <= 500; i++) {
      const inner = company.addGroup(`Depth ${i}`);
      company.nest(inner, outer);
      outer = inner;
    }
    company.addToGroup(outer, ...company.employed().slice(1, 3));
  }),
  scoped('F-56', 'somebody is in 5,000 groups', 'EQUAL', BOTH, (company) => {
    const [person] = company.employed().slice(1);
    for (let i = 1; i <= 5000 && person; i++) company.addGroup(`Many ${i}`, [person]);
  }),
  scoped('F-58', 'the group is emptied', 'HOLD', BOTH, (company) => company.emptyGroup(company.group('Design'))),
];

/** Rows that the company lives through: what is served is true. */
export const COMPANY_ROWS: readonly FaultRow[] = [...GONE, ...COMPANIES, ...SCOPES];
