import type { Policy } from './facts.js';
import type { DirectoryStatus } from './model.js';

/**
 * - `employed`: may be created, linked, brought back.
 * - `leaver`: archived when linked.
 * - `gone`: as `leaver`; besides, the record is no living one any more.
 * - `neither`: not created, linked or brought back; not archived either (a pre-hire, or a status that the settings
 *   say is no leaver's).
 */
export type Standing = 'employed' | 'leaver' | 'gone' | 'neither';

/** What a directory's status means under a connection's settings. */
export function standingOf(status: DirectoryStatus, policy: Policy): Standing {
  switch (status) {
    case 'employed':
      return 'employed';
    case 'not_started':
      return policy.notStartedCountsAsEmployed ? 'employed' : 'neither';
    case 'suspended':
      return policy.suspendedMeansLeaver ? 'leaver' : 'neither';
    case 'archived':
      return policy.archivedMeansLeaver ? 'leaver' : 'neither';
    case 'deprovisioned':
    case 'deleted':
      return 'gone';
  }
}

export function isEmployed(status: DirectoryStatus, policy: Policy): boolean {
  return standingOf(status, policy) === 'employed';
}

/** Whether a linked person with this status is archived (row 6). */
export function isLeaver(status: DirectoryStatus, policy: Policy): boolean {
  const standing = standingOf(status, policy);
  return standing === 'leaver' || standing === 'gone';
}

/** Every status that connectors share. */
export const DIRECTORY_STATUSES: readonly DirectoryStatus[] = [
  'employed',
  'not_started',
  'suspended',
  'archived',
  'deprovisioned',
  'deleted',
];

/** Whether a word is one of them. */
export function isDirectoryStatus(word: string): word is DirectoryStatus {
  return DIRECTORY_STATUSES.some((status) => status === word);
}
