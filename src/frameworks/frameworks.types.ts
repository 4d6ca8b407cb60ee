/** The longest name of a team, a framework, a position or an alias; a department that is longer makes no team. */
export const LONGEST_NAME = 200;

export interface FrameworkRow {
  id: string;
  name: string;
  folded: string;
  createdAt: Date;
}

export interface TeamRow {
  id: string;
  frameworkId: string | null;
  name: string;
  folded: string;
  origin: 'admin' | 'directory' | 'csv';
  createdAt: Date;
}

export interface PositionRow {
  id: string;
  frameworkId: string;
  name: string;
  folded: string;
  rank: number;
  createdAt: Date;
}

export interface AliasRow {
  id: string;
  kind: 'team' | 'position';
  name: string;
  folded: string;
  teamId: string | null;
  positionId: string | null;
  createdAt: Date;
}
