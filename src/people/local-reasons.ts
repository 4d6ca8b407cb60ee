import type { Reason } from '../sync/model.js';

/** Why people change here, by the hand of an admin or by signing in: closed, as the engine's own reasons are. */
const LOCAL_REASONS = {
  created_here: 'Added by an admin.',
  named_by_operator: 'Named by whoever runs this installation.',
  edited_here: 'Edited by an admin.',
  archived_here: 'Archived by an admin.',
  restored_here: 'Brought back by an admin.',
  made_admin: 'Made an admin.',
  unmade_admin: 'No longer an admin.',
  made_protected: 'Protected from being archived by a sync.',
  unmade_protected: 'No longer protected from being archived by a sync.',
  signed_in_first: 'Came in by signing in at the company’s identity provider.',
  address_by_sign_in: 'The company’s identity provider told another address.',
  erased_by_admin: 'Erased by an admin.',
  erased_by_setting: 'Erased after the time that the organisation keeps who has left.',
} as const;

export type LocalReason = keyof typeof LOCAL_REASONS;

export function localReason(code: LocalReason): Reason {
  return { code, text: LOCAL_REASONS[code] };
}

/** The sentence of a local reason; null for one that is the engine's. */
export function localText(code: string): string | null {
  return Object.hasOwn(LOCAL_REASONS, code) ? LOCAL_REASONS[code as LocalReason] : null;
}
