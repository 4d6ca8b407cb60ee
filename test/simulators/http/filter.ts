/** A SCIM-like filter as Okta takes it: `status eq "ACTIVE" and lastUpdated gt "2026-01-01T00:00:00.000Z"`. */

export type Value = string | number | boolean | null | readonly string[];

export interface Attribute<T> {
  readonly operators: readonly string[];
  /** A number stands for a time. */
  read(item: T): Value;
  readonly time?: boolean;
}

export interface Language<T> {
  attribute(name: string): Attribute<T> | null;
  readonly caseSensitive: boolean;
}

/** What is wrong with a filter, in a sentence. */
export class FilterError extends Error {}

const TOKEN = /\s*(?:(\()|(\))|("(?:[^"\\]|\\.)*")|([^\s()"]+))/y;

export function compileFilter<T>(text: string, language: Language<T>): (item: T) => boolean {
  const tokens = tokenise(text);
  let at = 0;

  function either(): (item: T) => boolean {
    const parts = [both()];
    while (tokens[at] === 'or') {
      at++;
      parts.push(both());
    }
    return parts.length === 1 ? (parts[0] as (item: T) => boolean) : (item) => parts.some((part) => part(item));
  }

  function both(): (item: T) => boolean {
    const parts = [one()];
    while (tokens[at] === 'and') {
      at++;
      parts.push(one());
    }
    return parts.length === 1 ? (parts[0] as (item: T) => boolean) : (item) => parts.every((part) => part(item));
  }

  function one(): (item: T) => boolean {
    if (tokens[at] === '(') {
      at++;
      const inner = either();
      if (tokens[at++] !== ')') throw new FilterError('a parenthesis is not closed');
      return inner;
    }
    const [name = '', operator = '', value = ''] = tokens.slice(at, at + 3);
    at += 3;
    return comparison(name, operator, value, language);
  }

  const predicate = either();
  if (at < tokens.length) throw new FilterError(`'${tokens[at]}' is not expected here`);
  return predicate;
}

function tokenise(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const match = TOKEN.exec(text);
    if (!match) throw new FilterError('a quotation mark is not closed');
    tokens.push(match[0].trim());
  }
  return tokens;
}

function comparison<T>(name: string, operator: string, raw: string, language: Language<T>): (item: T) => boolean {
  const attribute = language.attribute(name);
  if (!attribute) throw new FilterError(`'${name}' cannot be asked for`);
  if (!attribute.operators.includes(operator)) throw new FilterError(`'${name}' cannot be compared by '${operator}'`);
  if (!/^".*"$|^true$|^false$|^-?\d+$/s.test(raw)) throw new FilterError(`'${raw}' is no value`);
  const parsed = JSON.parse(raw) as string | number | boolean;
  if (attribute.time) {
    const wanted = Date.parse(String(parsed));
    if (Number.isNaN(wanted)) throw new FilterError(`'${raw}' is no date`);
    return (item) => holds(attribute.read(item), operator, wanted);
  }
  const fold = (value: Value): Value =>
    typeof value === 'string' && !language.caseSensitive ? value.toLowerCase() : value;
  const wanted = fold(parsed) as string | number | boolean;
  return (item) => {
    const actual = attribute.read(item);
    if (Array.isArray(actual)) return actual.some((value: string) => holds(fold(value), operator, wanted));
    return holds(fold(actual), operator, wanted);
  };
}

function holds(actual: Value, operator: string, wanted: string | number | boolean): boolean {
  if (actual === null || typeof actual === 'object') return false;
  switch (operator) {
    case 'eq':
      return actual === wanted;
    case 'sw':
      return String(actual).startsWith(String(wanted));
    case 'co':
      return String(actual).includes(String(wanted));
    case 'gt':
      return actual > wanted;
    case 'ge':
      return actual >= wanted;
    case 'lt':
      return actual < wanted;
    case 'le':
      return actual <= wanted;
    default:
      return false;
  }
}
