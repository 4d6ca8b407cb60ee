import type { AttributeList, DirectoryAttribute } from '../connector.js';
import { arrayOf, isObject, objectOf } from '../json.js';
import type { Mapping } from '../kind.js';
import { nameOr } from '../text.js';
import { parseAttribute } from './attributes.js';
import type { DirectoryReads } from './directory-reads.js';
import { standardAttributes } from './standard-attributes.js';

const TYPES: Readonly<Record<string, DirectoryAttribute['type']>> = {
  BOOL: 'boolean',
  DATE: 'date',
  DOUBLE: 'number',
  EMAIL: 'text',
  INT64: 'number',
  PHONE: 'text',
  STRING: 'text',
};

/** The fixed attributes, and the fields of the customer's own schemas. @throws {ConnectorError} */
export async function readAttributes(
  reads: DirectoryReads,
  mapping: Mapping,
  signal: AbortSignal,
): Promise<AttributeList> {
  const custom = (await reads.schemas(signal)).flatMap(fieldsOf);
  const listed = new Set(custom.map(({ path }) => path));
  const { extras, ...fields } = mapping;
  const mapped = [...Object.values(fields), ...Object.values(extras)].filter((path) => path !== null);
  // Others are of a fixed list, or of lists by type, where any type may be.
  const unlisted = [...new Set(mapped)].filter((path) => path.startsWith('customSchemas.') && !listed.has(path));
  return { items: [...standardAttributes, ...custom], unlisted };
}

function fieldsOf(value: unknown): DirectoryAttribute[] {
  const schema = objectOf(value, "Google's custom schema");
  const { schemaName, fields } = schema;
  return arrayOf(fields ?? [], "Google's fields of a custom schema").flatMap((field) => {
    if (!isObject(field) || typeof schemaName !== 'string' || typeof field['fieldName'] !== 'string') return [];
    const { fieldName, fieldType } = field;
    const path = `customSchemas.${schemaName}.${fieldName}`;
    if (parseAttribute(path) === null) return [];
    return {
      path,
      label: `${nameOr(schema['displayName'], schemaName)}: ${nameOr(field['displayName'], fieldName)}`,
      type: (typeof fieldType === 'string' && Object.hasOwn(TYPES, fieldType) && TYPES[fieldType]) || 'other',
      // A boolean by its schema, and a text in the examples of Google's own pages.
      multiple: field['multiValued'] === true || field['multiValued'] === 'true',
      custom: true,
    };
  });
}
