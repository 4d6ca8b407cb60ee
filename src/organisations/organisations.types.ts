import { z } from 'zod';
import { line } from '../common/fields.js';

export { DomainView } from './domains.dto.js';
export { MakeSetUpLink, NewSetUpLinkView, SetUpLinkView } from './set-up-links.dto.js';
export type { OrganisationView } from './organisations.dto.js';

/** An organisation as the operator's tools and the worker see it. */
export interface OrganisationListed {
  id: string;
  slug: string;
  name: string;
  stoppedAt: Date | null;
  stopReason: string | null;
  createdAt: Date;
}

/** What is needed to make one. */
export interface NewOrganisation {
  /** Lower-case letters, digits and hyphens; 2 to 63. */
  slug: string;
  name: string;
  /** Features; off unless told. */
  sso?: boolean;
  directorySync?: boolean;
}

/** How a domain came to be verified. */
export type VerifiedBy = 'operator' | 'connection' | 'dns';

/** What became of the domains that a directory has verified for its customer. */
export interface DomainsNoted {
  /** Verified now and not before. */
  added: string[];
  /** No longer on the directory's list, so no longer verified. */
  withdrawn: string[];
  /** Public, or verified elsewhere: left alone. */
  refused: string[];
}

/** The body of every stop switch. */
export const StopOrder = z
  .strictObject({ reason: line(500).describe('Why; shown to whoever wonders.') })
  .meta({ id: 'StopOrder' });
export type StopOrder = z.infer<typeof StopOrder>;
