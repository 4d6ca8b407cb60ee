import { Injectable } from '@nestjs/common';
import { canonicalEmail } from '../common/email.js';
import type { Tx } from '../database/tx.js';
import { PeopleFacts } from '../people/people-facts.service.js';
import type { FilePerson } from '../sync/file-rows.types.js';
import type { CheckedInvitations, InviteItem } from './invitations.dto.js';
import { InvitationsRepository } from './invitations.repository.js';

export type Standing = CheckedInvitations['items'][number]['standing'];

/** What inviting somebody comes to. */
export interface Judged {
  item: InviteItem;
  emailCanonical: string | null;
  person: FilePerson | null;
  /** Whether they were asked before and did not want it, or their server did not. */
  refusedBefore: 'declined' | 'refused' | null;
  standing: Standing;
}

export const SENTENCES: Record<Standing, string> = {
  new: 'Is new here, and is added when invited.',
  pending: 'Is here, and was not invited yet.',
  invited: 'Has an invitation that stands: send that one again instead.',
  here: 'Is here already: nothing is sent.',
  archived: 'Is archived: choose to bring them back, or leave them out.',
  declined: 'Has declined before: invite them again only if they ask for it.',
  refused: 'Their mail server has refused this address before: look whether it is right.',
  twice: 'Stands in the list before: counted once.',
  invalid: 'Is not an e-mail address that can be used.',
};

/** Says of each address what inviting it would do. Nothing is looked up outside of the organisation (I-17). */
@Injectable()
export class Judging {
  constructor(
    private readonly people: PeopleFacts,
    private readonly invitations: InvitationsRepository,
  ) {}

  async judge(tx: Tx, items: readonly InviteItem[]): Promise<Judged[]> {
    const addresses = items.map(({ email }) => canonicalEmail(email));
    const known = [...new Set(addresses.filter((address) => address !== null))];
    const people = await this.people.byAddress(tx, known);
    const invited = await this.invitations.openOf(tx, [...people.values()].map(({ id }) => id)); // prettier-ignore
    const refused = new Map(
      (await this.invitations.refusedBefore(tx, known)).map((one) => [
        one.emailCanonical,
        one.declined ? ('declined' as const) : ('refused' as const),
      ]),
    );
    const seen = new Set<string>();
    return items.map((item, at) => {
      const emailCanonical = addresses[at] ?? null;
      if (emailCanonical === null)
        return { item, emailCanonical, person: null, refusedBefore: null, standing: 'invalid' };
      const person = people.get(emailCanonical) ?? null;
      const refusedBefore = refused.get(emailCanonical) ?? null;
      const twice = seen.has(emailCanonical);
      seen.add(emailCanonical);
      const standing = twice ? 'twice' : standingOf(person, person !== null && invited.has(person.id), refusedBefore);
      return { item, emailCanonical, person, refusedBefore, standing };
    });
  }
}

function standingOf(
  person: FilePerson | null,
  invited: boolean,
  refusedBefore: 'declined' | 'refused' | null,
): Standing {
  if (invited) return 'invited';
  if (person?.state === 'active') return 'here';
  if (refusedBefore !== null) return refusedBefore;
  if (person === null) return 'new';
  return person.state === 'archived' ? 'archived' : 'pending';
}
