import { describe, expect, it } from '@jest/globals';
import { expected, makeCompany, ManualClock, verdict, type Company, type Person } from '../index.ts';

function small(seed = 1): Company {
  return makeCompany({ people: 400, seed, clock: new ManualClock() });
}

function one(people: readonly Person[]): Person {
  const [person] = people;
  if (!person) throw new Error('nobody');
  return person;
}

describe('a company', () => {
  it('is the same for the same seed, and another for another', () => {
    const [a, b, c] = [small(7), small(7), small(8)];
    a.live(3, 100);
    b.live(3, 100);
    expect(JSON.stringify(a.people)).toBe(JSON.stringify(b.people));
    expect(JSON.stringify(a.people)).not.toBe(JSON.stringify(c.people));
  });

  it('has names from many scripts, addresses in ASCII that nobody shares, and one-name people', () => {
    const { people } = small();
    const names = people.map((person) => person.given + person.family).join('');
    const scripts = [
      'Latin',
      'Cyrillic',
      'Greek',
      'Arabic',
      'Hebrew',
      'Han',
      'Hiragana',
      'Hangul',
      'Devanagari',
      'Thai',
    ];
    for (const script of scripts) expect(names).toMatch(new RegExp(`\\p{Script=${script}}`, 'u'));
    expect(people.some((person) => person.family === '')).toBe(true);
    expect(people.every((person) => /^[a-z0-9.]+@[a-z.]+$/.test(person.email))).toBe(true);
    expect(new Set(people.map((person) => person.email)).size).toBe(people.length);
  });

  it('has managers who form a tree, also after a long life', () => {
    const company = small();
    company.live(11, 400);
    for (const person of company.people) {
      const seen = new Set<number>();
      for (let at: Person | null = person; at; at = at.manager === null ? null : company.person(at.manager)) {
        expect(seen.has(at.n)).toBe(false);
        seen.add(at.n);
      }
    }
  });

  it('never gives an address to two people, whatever happens', () => {
    const company = small();
    for (let seed = 0; seed < 5; seed++) company.live(seed, 200);
    const living = company.people.filter((person) => person.state !== 'erased');
    expect(new Set(living.map((person) => person.email)).size).toBe(living.length);
    for (const person of living) expect(company.byAddress(person.email)?.n).toBe(person.n);
  });

  it('gives ids that lead back, and none of another epoch or company', () => {
    const company = small();
    const okta = company.ids.okta('person', 17);
    const google = company.ids.google('person', 17);
    expect(okta).toMatch(/^00u[0-9A-Za-z]{17}$/);
    expect(google).toMatch(/^1\d{20}$/);
    expect([company.ids.fromOkta('person', okta), company.ids.fromGoogle('person', google)]).toEqual([17, 17]);
    expect(small(2).ids.fromOkta('person', okta)).toBeNull();
    company.reissueIds();
    expect([company.ids.fromOkta('person', okta), company.ids.fromGoogle('person', google)]).toEqual([null, null]);
  });

  it('leave and return keep the id; recreate gives a new one with the same address', () => {
    const company = small();
    const leaver = one(company.leave(1));
    expect(leaver.state).toBe('left');
    company.returnBack([leaver]);
    expect(leaver.state).toBe('employed');
    const created = one(company.recreate([leaver]));
    expect(created.n).not.toBe(leaver.n);
    expect(created.email).toBe(leaver.email);
    expect(leaver.state).toBe('erased');
    expect(() => company.returnBack([leaver])).toThrow(RangeError);
  });

  it('marrying changes name and address, and everybody who reports is written anew', () => {
    const company = small();
    const boss = company.person(company.people.find((person) => (person.manager ?? 0) > 0)?.manager ?? 0);
    const report = one(company.people.filter((person) => person.manager === boss.n && person.state !== 'erased'));
    const [before, version] = [boss.email, report.version];
    company.marry(boss);
    expect(boss.email).not.toBe(before);
    expect(boss.aliases).toContain(before);
    expect(report.version).toBeGreaterThan(version);
  });

  it('a ring exchanges addresses, each getting the next one’s', () => {
    const company = small();
    const ring = company.employed().slice(1, 4);
    const [a, b, c] = ring.map((person) => person.email);
    company.exchangeAddresses(...ring);
    expect(ring.map((person) => person.email)).toEqual([b, c, a]);
  });

  it('may begin with everybody employed, and otherwise has some who are not', () => {
    const all = makeCompany({ people: 400, everybodyEmployed: true });
    expect(all.employed()).toHaveLength(400);
    expect(new Set(small().people.map((person) => person.state))).toEqual(
      new Set(['employed', 'suspended', 'left', 'staged']),
    );
  });

  it('records what happens, but nothing of what happens silently', () => {
    const company = small();
    company.leave(1);
    expect(company.happenings.map((happening) => happening.kind)).toEqual(['person.left']);
    company.silently(() => company.erase(1));
    expect(company.happenings).toHaveLength(1);
  });

  it('random life and random leavers spare the admin', () => {
    const company = small();
    company.leave(company.people.length);
    expect(company.admin.state).toBe('employed');
    expect(company.employed()).toEqual([company.admin]);
  });
});

describe('who is expected', () => {
  it('everybody employed, staged people only where they count', () => {
    const company = small();
    const staged = one(company.stage(1));
    const everyone = { provider: 'okta', kind: 'everyone' } as const;
    expect(expected(company, everyone)).toHaveLength(company.employed().length);
    expect(verdict(company, everyone, staged)).toBe('not employed');
    expect(verdict(company, { ...everyone, stagedCounts: true }, staged)).toBe('in scope and employed');
  });

  it('groups within groups count at Google and not at Okta; cycles end', () => {
    const company = small();
    const [inner, outer] = [company.group('Design'), company.addGroup('Outer')];
    company.nest(inner, outer);
    company.nest(outer, inner);
    const count = (provider: 'okta' | 'google'): number =>
      expected(company, { provider, kind: 'groups', of: ['Outer'] }).length;
    expect(count('okta')).toBe(0);
    expect(count('google')).toBe(expected(company, { provider: 'google', kind: 'groups', of: ['Design'] }).length);
    expect(count('google')).toBeGreaterThan(0);
  });

  it('units count with what is below them, and follow a move', () => {
    const company = small();
    const scope = { provider: 'google', kind: 'units', of: ['/Employees'] } as const;
    const person = one(company.changeUnit(1, '/Employees/Sales'));
    expect(verdict(company, scope, person)).toBe('in scope and employed');
    company.changeUnitItself(company.unit('/Employees/Sales'), { parent: '/Contractors' });
    expect(verdict(company, scope, person)).toBe('out of scope');
  });

  it('the application counts people of their own and through groups; leaving takes the own one away', () => {
    const company = small();
    const scope = { provider: 'okta', kind: 'application' } as const;
    const person = one(company.employed().filter((candidate) => !company.oktaAssignment(candidate)));
    expect(verdict(company, scope, person)).toBe('out of scope');
    company.assign(person);
    expect(verdict(company, scope, person)).toBe('in scope and employed');
    company.leave(person);
    expect(verdict(company, scope, person)).toBe('gone');
    company.returnBack(person);
    expect(verdict(company, scope, person)).toBe('out of scope');
  });

  it('people left out by name are not expected, nor are managers who are not', () => {
    const company = small();
    const report = one(company.employed().filter((person) => person.manager === 0));
    const all = expected(company, { provider: 'okta', kind: 'everyone', except: [0] });
    expect(all.some((person) => person.n === 0)).toBe(false);
    expect(all.find((person) => person.n === report.n)?.manager).toBeNull();
  });
});
