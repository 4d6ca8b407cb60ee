import { resolve, type Operation, type Schema } from './operations.js';

/** What a query needs besides what its schema can say. */
const QUERIES: Record<string, Record<string, string>> = {
  'GET /api/v1/why': { email: 'nobody@acme.example' },
};

/** Bodies of which more is asked than their schema can say. */
const BODIES: Record<string, Record<string, unknown>> = {
  'POST /api/v1/operator/support': { reason: 'They asked for help.' },
  'PUT /api/v1/identity-providers/{id}/secret': { clientSecret: 'a-secret-of-the-provider' },
};

/** The least body that a route takes; undefined where it takes none. `choose` as for `exampleOf`. */
export function bodyOf(
  operation: Operation,
  schemas: Record<string, Schema>,
  choose?: Parameters<typeof exampleOf>[2],
): unknown {
  if (operation.body === null) return undefined;
  const example = exampleOf(operation.body, schemas, choose);
  const more = BODIES[operation.name];
  return more === undefined ? example : { ...(example as object), ...more };
}

/** The least query that a route answers: what is required, `?` included when there is any. */
export function queryOf(
  operation: Operation,
  schemas: Record<string, Schema>,
  more: Record<string, string> = {},
): string {
  const required = operation.parameters.filter((each) => each.in === 'query' && each.required);
  const values: Record<string, string> = Object.fromEntries(
    required.map(({ name, schema }) => [name, String(exampleOf(schema, schemas, undefined, name))]),
  );
  const query = new URLSearchParams({ ...values, ...QUERIES[operation.name], ...more }).toString();
  return query === '' ? '' : `?${query}`;
}

/** A small value that fits a schema; `choose` may give one for a field that needs to be somebody's. */
export function exampleOf(
  schema: Schema,
  schemas: Record<string, Schema>,
  choose: (field: string, schema: Schema) => unknown = () => undefined,
  field = '',
): unknown {
  const chosen = choose(field, schema);
  if (chosen !== undefined) return chosen;
  const known = resolve(schema, schemas);
  const again = (inner: Schema, name = field): unknown => exampleOf(inner, schemas, choose, name);
  /** Whether there is a choice for the field, or for what its list or its alternatives hold. */
  const isChosen = (inner: Schema, name: string): boolean => {
    const { anyOf = [], oneOf = [], items } = resolve(inner, schemas);
    const within = [...anyOf, ...oneOf, ...(items ? [items] : [])];
    return choose(name, inner) !== undefined || within.some((each) => isChosen(each, name));
  };
  if (known.const !== undefined) return known.const;
  if (known.enum) return known.enum[0];
  const alternatives = known.anyOf ?? known.oneOf;
  if (alternatives) return again(alternatives.find((each) => isChosen(each, field)) ?? alternatives[0] ?? {});
  if (known.allOf) return Object.assign({}, ...known.allOf.map((part) => again(part) as object)) as unknown;
  const type = Array.isArray(known.type) ? known.type[0] : known.type;
  switch (type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(known.properties ?? {})
          .filter(([name, inner]) => known.required?.includes(name) === true || isChosen(inner, name))
          .map(([name, inner]) => [name, again(inner, name)]),
      );
    case 'array':
      return Array.from({ length: Math.max(known.minItems ?? 0, 1) }, () => again(known.items ?? {}));
    case 'string':
      return text(known, field);
    case 'integer':
    case 'number':
      return known.minimum ?? 1;
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      return {};
  }
}

let count = 0;

/** Another one each time: what has to be unique is. */
function text(schema: Schema, field: string): string {
  if (schema.format === 'uuid') return '01890000-0000-7000-8000-00000000ffff';
  if (schema.format === 'date-time') return '2026-01-01T00:00:00.000Z';
  if (/email/i.test(field)) return `somebody${(count += 1)}@acme.example`;
  const unique = `x${(count += 1).toString(36)}`.padEnd(schema.minLength ?? 1, 'x');
  return unique.slice(0, schema.maxLength ?? 100);
}
