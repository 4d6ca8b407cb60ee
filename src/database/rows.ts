import pg from 'pg';

/** Numbers beyond 2^53 would be rounded in silence; Rollcall counts nothing that large, so one is a fault. */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('a number in the database is too large to be exact');
  return value;
}

const INT8 = 20;
const DATE = 1082;
const INT8_ARRAY = 1016;

const parseTextArray = pg.types.getTypeParser(1009 as number) as (text: string) => (string | null)[];

/** Of `pg`'s own readers all are kept but three: int8 becomes a number, and a date stays text, for it has no zone. */
export const TYPES: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary') {
      if (oid === INT8) return parseInt8;
      if (oid === DATE) return (text: string) => text;
      if (oid === INT8_ARRAY)
        return (text: string) => parseTextArray(text).map((item) => (item === null ? null : parseInt8(item)));
    }
    return pg.types.getTypeParser(oid, format) as (text: string) => unknown;
  }) as pg.CustomTypesConfig['getTypeParser'],
};

const camelCased = new Map<string, string>();

function camelCase(column: string): string {
  let key = camelCased.get(column);
  if (key === undefined) {
    key = column.replace(/_([a-z0-9])/gu, (_whole, letter: string) => letter.toUpperCase());
    // Columns come from our own statements, so there are few of them; a guard all the same.
    if (camelCased.size < 10_000) camelCased.set(column, key);
  }
  return key;
}

/** Rows as `pg` gives them in array mode, made into objects with camelCase keys. */
export function toObjects<Row extends object>(fields: readonly { name: string }[], rows: readonly unknown[][]): Row[] {
  const keys = fields.map((field) => camelCase(field.name));
  return rows.map((values) => {
    const row: Record<string, unknown> = {};
    for (let i = 0; i < keys.length; i++) row[keys[i] as string] = values[i];
    return row as Row;
  });
}
