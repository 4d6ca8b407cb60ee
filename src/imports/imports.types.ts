import type { Actor } from '../audit/audit.types.js';
import type { CsvHead, Delimiter, Encoding, FileField } from '../connectors/csv/csv.types.js';
import type { FileFaultCode } from '../connectors/csv/errors.js';
import type { EncodingSample } from '../connectors/csv/samples.js';
import type { Language } from '../mail/languages.js';
import type { RunRow } from '../runs/runs.types.js';

/** How a file is to be taken; the admin chooses, and looks again. */
export interface ImportOptions {
  /** Null: found out. */
  encoding: Encoding | null;
  delimiter: Delimiter | null;
  createTeams: boolean;
  createPositions: boolean;
  /** Columns whose empty cells clear the field. */
  clearEmpty: FileField[];
  leaveOutFaulty: boolean;
  /** Of the invitations. */
  message: string | null;
  language: Language | null;
  /** Whoever asked for the newest preview may make admins. */
  mayMakeAdmins: boolean;
}

export const DEFAULT_OPTIONS: ImportOptions = {
  encoding: null,
  delimiter: null,
  createTeams: false,
  createPositions: false,
  clearEmpty: [],
  leaveOutFaulty: false,
  message: null,
  language: null,
  mayMakeAdmins: false,
};

/** Why the whole file is refused. */
export interface WholeFault {
  code: FileFaultCode;
  /** One sentence. */
  message: string;
  line: number;
  column: string | null;
  /** Lines that show what to choose, where the encoding has to be chosen. */
  samples: EncodingSample[];
}

/** What the newest look found. */
export interface Found {
  head: CsvHead | null;
  fault: WholeFault | null;
  rows: number;
  unchanged: number;
  faulty: number;
  /** Rows that say the same as an earlier one. */
  repeated: number;
  /** People who get an invitation. */
  invites: number;
  /** Newcomers with the name of somebody who is here. */
  namesakes: number;
  /** Rows that make somebody an admin, or none any more. */
  admins: number;
  missingTeams: string[];
  missingPositions: string[];
}

export const NOTHING_FOUND: Found = {
  head: null,
  fault: null,
  rows: 0,
  unchanged: 0,
  faulty: 0,
  repeated: 0,
  invites: 0,
  namesakes: 0,
  admins: 0,
  missingTeams: [],
  missingPositions: [],
};

export interface ImportRow {
  id: string;
  state: 'uploading' | 'uploaded' | 'gone';
  name: string;
  bytes: number;
  chunks: number;
  options: ImportOptions;
  found: Partial<Found>;
  /** First and last line of each stretch that changes nothing. */
  unchanged: number[];
  uploadedBy: Actor;
  previewId: string | null;
  runId: string | null;
  createdAt: Date;
  uploadedAt: Date | null;
  confirmedAt: Date | null;
  fileUntil: Date;
  fileGoneAt: Date | null;
}

export interface RunsOfImport {
  preview: RunRow | null;
  run: RunRow | null;
}

/** One line of a plan with what became of it. */
export interface LineRow {
  seq: number;
  kind: string;
  disposition: string;
  situation: string;
  personId: string | null;
  label: string;
  reason: { code: string; text: string; facts?: Record<string, string | number | boolean | null> };
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  result: string | null;
}
