import { parse } from 'csv-parse/sync';
import { cleanText } from '../text.js';
import { controlIn, controlName } from './cells.js';
import type { CsvHead, CsvLimits, Delimiter, FileField } from './csv.types.js';
import { FileFault, type FileFaultCode } from './errors.js';

/** The columns as a file of ours names them, in the order of a file of ours. */
export const COLUMN_NAMES: Record<FileField, string> = {
  email: 'email',
  firstName: 'first_name',
  lastName: 'last_name',
  state: 'account_active',
  position: 'position',
  team: 'team',
  manager: 'manager_email',
  admin: 'admin',
};

export const FILE_FIELDS = Object.keys(COLUMN_NAMES) as FileField[];

const DELIMITERS: readonly Delimiter[] = [',', ';', '\t'];
const DELIMITER_NAMES: Record<Delimiter, string> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs' };

const LONGEST_NAME = 256;

const FIELD_OF = new Map(FILE_FIELDS.map((field) => [comparable(COLUMN_NAMES[field]), field]));

/** What no file may set, whoever brings it; a column of such a name is refused, so that nobody believes it did. */
const REFUSED = new Set(
  [
    'id',
    'uuid',
    'person_id',
    'user_id',
    'organisation_id',
    'organization_id',
    'organisation',
    'organization',
    'tenant_id',
    'connection_id',
    'external_id',
    'password',
    'password_hash',
    'email_verified',
    'email_canonical',
    'origin',
    'owner',
    'is_owner',
    'is_admin',
    'is_protected',
    'role',
    'roles',
    'scopes',
    'archive_reasons',
    '__proto__',
    'prototype',
    'constructor',
  ].map(comparable),
);

/** A name of a column without what people write differently: case, blanks, `_`, `-`, and forms of the same letters. */
function comparable(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{Cf}_-]+/gu, '');
}

/**
 * What the header says the columns are.
 *
 * @param text The header alone, in UTF-8, without its line end.
 * @param line Where it is in the file.
 * @throws {FileFault} when it cannot be told, or names what no file may set.
 */
export function readHeader(
  text: string,
  line: number,
  chosen: Delimiter | null,
  limits: CsvLimits,
): Pick<CsvHead, 'delimiter' | 'columns'> {
  const delimiter = chosen ?? delimiterOf(text, line);
  const names = split(text, delimiter);
  if (names === null) {
    throw new FileFault(
      'quote',
      `Line ${line}: a quote in the header stands where none may be, or is not closed.`,
      line,
    );
  }
  if (names.length > limits.columns) {
    throw new FileFault(
      'columns',
      `Line ${line}: there are ${names.length} columns, and ${limits.columns} are the most.`,
      line,
    );
  }
  return { delimiter, columns: columnsOf(names, line) };
}

/** The one separator that splits the header into most of the columns that we know. */
function delimiterOf(text: string, line: number): Delimiter {
  const found = DELIMITERS.filter((one) => text.includes(one)).map((delimiter) => ({
    delimiter,
    known: split(text, delimiter)?.filter((name) => FIELD_OF.has(comparable(name))).length ?? -1,
  }));
  const most = Math.max(...found.map(({ known }) => known), -1);
  const [first, ...others] = found.filter(({ known }) => known === most);
  if (first === undefined) return ',';
  if (others.length === 0 || most <= 0) return first.delimiter;
  const names = [first, ...others].map(({ delimiter }) => DELIMITER_NAMES[delimiter]).join(' or ');
  throw new FileFault(
    'separator',
    `Line ${line}: it cannot be told whether ${names} separate the columns; use one of them in the whole file.`,
    line,
  );
}

/** Null when the quotes are not right for this separator. */
function split(text: string, delimiter: Delimiter): string[] | null {
  try {
    // One record delimiter that cannot be in it: a line end within quotes is text, another is not in a header.
    const [names] = parse(text, { delimiter, record_delimiter: '\n' });
    return names ?? [];
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}

function columnsOf(names: readonly string[], line: number): CsvHead['columns'] {
  const seen = new Set<string>();
  const columns = names.map((written) => {
    if (written.length > LONGEST_NAME) {
      throw new FileFault(
        'header',
        `Line ${line}: a name of a column is longer than ${LONGEST_NAME} characters.`,
        line,
      );
    }
    const control = controlIn(written);
    if (control !== null) {
      const hint = control === '\0' ? ', as in UTF-16 without its mark; save the file as UTF-8' : '';
      throw new FileFault('control', `Line ${line}: there is ${controlName(control)} in the header${hint}.`, line);
    }
    const name = cleanText(written);
    const key = comparable(name);
    if (REFUSED.has(key)) throw atColumn(line, name, 'refused_column', 'no file can set this; take the column out.');
    if (key !== '' && seen.has(key)) throw atColumn(line, name, 'repeated_column', 'the header names it twice.');
    seen.add(key);
    return { name, field: FIELD_OF.get(key) ?? null };
  });
  if (!columns.some(({ field }) => field === 'email')) {
    const message = `Line ${line}: there is no column "email"; the first line has to name the columns.`;
    throw new FileFault('no_email', message, line);
  }
  return columns;
}

/** A fault in one column of one line. */
export function atColumn(line: number, column: string, code: FileFaultCode, sentence: string): FileFault {
  return new FileFault(code, `Line ${line}, column "${column}": ${sentence}`, line, column);
}
