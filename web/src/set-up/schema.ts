/** One value that is asked for, as the schema of a kind of directory describes it. */
export interface Field {
  name: string;
  label: string;
  hint: string | null;
  kind: 'text' | 'list' | 'file' | 'switch';
  /** The schema wants it at any time. */
  required: boolean;
  /** Never shown again; what is stored stays while it is left out. */
  secret: boolean;
}

/** One way out of several, told apart by a constant: a method of credentials, a kind of scope. */
export interface Variant {
  /** The name of that constant. */
  by: string;
  value: string;
  title: string;
  hint: string | null;
  fields: Field[];
}

type Schema = Record<string, unknown>;

/** The ways of a JSON Schema that is a union of objects with one constant each. What is built otherwise gives none. */
export function variantsOf(schema: Schema): Variant[] {
  return listOf(schema['oneOf'])
    .map(objectOf)
    .flatMap((each) => {
      const properties = Object.entries(objectOf(each['properties'])).map(
        ([name, of]) => [name, objectOf(of)] as const,
      );
      const constant = properties.find(([, of]) => typeof of['const'] === 'string');
      if (constant === undefined) return [];
      const [by, { const: value }] = constant;
      const required = listOf(each['required']);
      const fields = properties
        .filter(([name]) => name !== by)
        .map(([name, of]) => fieldOf(name, of, required.includes(name)));
      return [
        {
          by,
          value: String(value),
          title: textOf(each['title']) ?? String(value),
          hint: textOf(each['description']),
          fields,
        },
      ];
    });
}

function fieldOf(name: string, of: Schema, required: boolean): Field {
  return {
    name,
    label: textOf(of['title']) ?? name,
    hint: textOf(of['description']),
    kind: kindOf(of),
    required,
    secret: of['writeOnly'] === true,
  };
}

function kindOf(of: Schema): Field['kind'] {
  if (of['contentMediaType'] === 'application/json') return 'file';
  if (of['type'] === 'array') return 'list';
  return of['type'] === 'boolean' ? 'switch' : 'text';
}

/** What stands in the fields of a form, all of it as text. */
export type Filled = Record<string, string>;

/** What was stored, as it stands in the fields. */
export function filledFrom({ fields }: Variant, stored: Record<string, unknown>): Filled {
  return Object.fromEntries(
    fields.map(({ name, kind }) => {
      const value = stored[name];
      if (kind === 'list') return [name, listOf(value).map(String).join('\n')];
      return [name, typeof value === 'string' ? value : ''];
    }),
  );
}

/** What is sent: what was left empty is left out. */
export function valueOf({ by, value, fields }: Variant, filled: Filled): Record<string, unknown> {
  const given = fields.flatMap(({ name, kind }): [string, unknown][] => {
    const text = (filled[name] ?? '').trim();
    if (kind === 'list') return [[name, linesOf(text)]];
    if (text === '') return [];
    return [[name, kind === 'switch' ? true : text]];
  });
  return { [by]: value, ...Object.fromEntries(given) };
}

/** One to a line, or with commas between them. */
function linesOf(text: string): string[] {
  return text
    .split(/[\n,;]/u)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Asked for once something is stored: what a console gives only after it was told of us. */
export function comesLater({ required, secret, kind }: Field): boolean {
  return !required && !secret && kind !== 'list';
}

/** Whether what is stored is all that there is to give. */
export function isWhole(variant: Variant, shown: Record<string, unknown>): boolean {
  return variant.fields.every(
    (field) => !comesLater(field) || field.kind === 'switch' || typeof shown[field.name] === 'string',
  );
}

function objectOf(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
