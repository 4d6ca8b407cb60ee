import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const EXECUTABLE = process.env['SOFFICE'] ?? '/usr/bin/soffice';

/** Against hanging alone. */
const LONGEST_MS = 180_000;

/** Character sets as LibreOffice numbers them. */
export const CHARACTER_SETS = { 'utf-8': 76, 'utf-16': 65_535, 'windows-1252': 1 } as const;

/** `44,34,76,1`: separators, quotes, character set, first line. Separators that are split at are joined by `/`. */
function look(separators: readonly string[], characterSet: number): string {
  return `Text - txt - csv (StarCalc):${separators.map((one) => one.charCodeAt(0)).join('/')},34,${characterSet},1`;
}

/** A spreadsheet program, with a folder and a profile of its own. */
export class Office implements Disposable {
  private readonly folder = mkdtempSync(join(tmpdir(), 'rollcall-office-'));
  private files = 0;

  constructor() {
    if (!existsSync(EXECUTABLE)) {
      throw new Error(
        `There is no LibreOffice at ${EXECUTABLE}: install libreoffice-calc-nogui, or say where in SOFFICE.`,
      );
    }
  }

  /** What it saves as CSV of a sheet that was typed into it. */
  async saveAsCsv(
    sheet: readonly (readonly string[])[],
    separator: string,
    characterSet: keyof typeof CHARACTER_SETS,
  ): Promise<Buffer> {
    return await this.convert(sheetOf(sheet), 'fods', [
      '--convert-to',
      `csv:${look([separator], CHARACTER_SETS[characterSet])}`,
    ]);
  }

  /** The sheet that it makes of a CSV file in UTF-8, as flat XML. */
  async openCsv(csv: string, separators: readonly string[]): Promise<string> {
    const infilter = `--infilter=${look(separators, CHARACTER_SETS['utf-8'])}`;
    return (await this.convert(csv, 'csv', [infilter, '--convert-to', 'fods'])).toString();
  }

  /** The same file again, opened and saved as it offers to. */
  async openAndSaveCsv(csv: string): Promise<Buffer> {
    const as = look([','], CHARACTER_SETS['utf-8']);
    return await this.convert(csv, 'csv', [`--infilter=${as}`, '--convert-to', `csv:${as}`]);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async convert(content: string, ending: string, how: readonly string[]): Promise<Buffer> {
    this.files += 1;
    const input = join(this.folder, `${this.files}.${ending}`);
    const out = join(this.folder, `out${this.files}`);
    writeFileSync(input, content);
    const profile = `-env:UserInstallation=${pathToFileURL(join(this.folder, 'profile')).href}`;
    const { stdout, stderr } = await promisify(execFile)(
      EXECUTABLE,
      [profile, '--headless', ...how, '--outdir', out, input],
      { timeout: LONGEST_MS, env: { PATH: process.env['PATH'], HOME: this.folder, LC_ALL: 'C.UTF-8' } },
    );
    const made = join(out, `${this.files}.${how.at(-1)?.startsWith('csv') === true ? 'csv' : 'fods'}`);
    // It ends well also where it made nothing.
    if (!existsSync(made)) throw new Error(`LibreOffice made nothing: ${stdout}${stderr}`);
    return readFileSync(made);
  }
}

/** A sheet of text cells as flat XML, as if they had been typed. */
function sheetOf(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => `<table:table-row>${row.map(cellOf).join('')}</table:table-row>`).join('\n');
  return `<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
  xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
  xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
  office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">
<office:body><office:spreadsheet><table:table table:name="people">${cells}</table:table></office:spreadsheet></office:body>
</office:document>`;
}

function cellOf(text: string): string {
  const paragraphs = text.split('\n').map((one) => `<text:p>${escaped(one)}</text:p>`);
  return `<table:table-cell office:value-type="string">${paragraphs.join('')}</table:table-cell>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
