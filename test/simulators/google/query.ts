import type { Company } from '../company/company.ts';
import type { Person } from '../company/model.ts';

type Test = (person: Person) => boolean;

const CLAUSE = /\s*([\w.]+)(=|:)('(?:[^'\\]|\\.)*'|[^\s]+)/y;

/** The search language of `users.list`, as far as it is served: clauses with a space between them all have to hold. */
export function compileQuery(query: string, company: Company, isAdmin: Test): Test | null {
  const tests: Test[] = [];
  CLAUSE.lastIndex = 0;
  while (query.slice(CLAUSE.lastIndex).trim() !== '') {
    const clause = CLAUSE.exec(query);
    const test = clause && compileClause(clause[1] ?? '', clause[2] ?? '', unquote(clause[3] ?? ''), company, isAdmin);
    if (!test) return null;
    tests.push(test);
  }
  return (person) => tests.every((test) => test(person));
}

function unquote(value: string): string {
  return value.startsWith("'") ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
}

function compileClause(field: string, operator: string, value: string, company: Company, isAdmin: Test): Test | null {
  const yes = value.toLowerCase() === 'true';
  const managers = (person: Person): string[] => {
    const found: string[] = [];
    for (let at = person.manager; at !== null && found.length < 100; at = company.person(at).manager) {
      found.push(company.person(at).email);
    }
    return found;
  };
  switch (field) {
    case 'orgUnitPath':
      // Below counts, too.
      return (person) => `${company.unitPath(person.unit)}/`.startsWith(value.endsWith('/') ? value : `${value}/`);
    case 'isSuspended':
      return (person) => ['suspended', 'deprovisioned', 'staged'].includes(person.state) === yes;
    case 'isArchived':
      return (person) => (person.state === 'archived') === yes;
    case 'isAdmin':
      return (person) => isAdmin(person) === yes;
    case 'directManager':
      return (person) => managers(person)[0] === value;
    case 'manager':
      return (person) => managers(person).includes(value);
    default:
      return compileText(field, operator, value);
  }
}

const TEXTS: Readonly<Record<string, (person: Person) => readonly string[]>> = {
  email: (person) => [person.email, ...person.aliases],
  givenName: (person) => [person.given],
  familyName: (person) => [person.family],
  name: (person) => [`${person.given} ${person.family}`],
  externalId: (person) => [person.employeeNumber],
  orgTitle: (person) => [person.title],
  orgDepartment: (person) => [person.department],
};

/** `=` is the whole value, `:` a word in it, `:abc*` its beginning. */
function compileText(field: string, operator: string, value: string): Test | null {
  const read = TEXTS[field];
  if (!read) return null;
  const wanted = value.toLowerCase();
  const holds = (text: string): boolean => {
    if (operator === '=') return text === wanted;
    if (wanted.endsWith('*')) return text.startsWith(wanted.slice(0, -1));
    return text.split(/[\s.@-]+/).includes(wanted) || text === wanted;
  };
  return (person) => read(person).some((text) => holds(text.toLowerCase()));
}
