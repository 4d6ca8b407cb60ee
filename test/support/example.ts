import { resolve, type Schema } from './operations.js';

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
  if (known.const !== undefined) return known.const;
  if (known.enum) return known.enum[0];
  const alternative = known.anyOf?.[0] ?? known.oneOf?.[0];
  if (alternative) return again(alternative);
  if (known.allOf) return Object.assign({}, ...known.allOf.map((part) => again(part) as object)) as unknown;
  const type = Array.isArray(known.type) ? known.type[0] : known.type;
  switch (type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(known.properties ?? {})
          .filter(([name, inner]) => known.required?.includes(name) === true || choose(name, inner) !== undefined)
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

function text(schema: Schema, field: string): string {
  if (schema.format === 'uuid') return '01890000-0000-7000-8000-00000000ffff';
  if (schema.format === 'date-time') return '2026-01-01T00:00:00.000Z';
  if (/email/i.test(field)) return 'somebody@acme.example';
  return 'x'.repeat(Math.max(schema.minLength ?? 1, 1));
}
