import { RollcallError } from '../common/errors.js';

/** What the operator switches on for an organisation. */
export type Feature = 'sso' | 'directory_sync';

/** What decides whether people may sign in to an organisation, and whether anything is synced. */
export interface Features {
  sso: boolean;
  directorySync: boolean;
  ssoEnforced: boolean;
  isInstallation: boolean;
  /** Since its deletion was asked for: when it is gone. */
  deleteAfter: Date | null;
}

/** What an organisation lets people sign in with. */
export interface SignInSettings {
  sso: boolean;
  /** Who is no exception signs in at the company's identity provider and nowhere else. */
  ssoEnforced: boolean;
  /** Its deletion was asked for: nobody signs in any more, nothing is synced. */
  deleting: boolean;
  /** The installation's own, whose people may be operators. */
  isInstallation: boolean;
}

const NAMES: Record<Feature, string> = { sso: 'Single sign-on', directory_sync: 'Directory sync' };

/** @throws {RollcallError} `organisation.deleting` */
export function assertStays({ deleteAfter }: { deleteAfter: Date | null }): void {
  if (deleteAfter !== null)
    throw new RollcallError('organisation.deleting', 'This organisation is about to be deleted; stop that first.');
}

/** @throws {RollcallError} `organisation.deleting`, `feature.off` */
export function assertOn(
  organisation: { sso: boolean; directorySync: boolean; deleteAfter: Date | null },
  feature: Feature,
): void {
  assertStays(organisation);
  const on = feature === 'sso' ? organisation.sso : organisation.directorySync;
  if (!on) {
    throw new RollcallError(
      'feature.off',
      `${NAMES[feature]} is not switched on for this organisation; ask whoever runs this installation.`,
    );
  }
}
