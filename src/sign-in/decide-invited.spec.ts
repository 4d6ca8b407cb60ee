import { describe, expect, it } from '@jest/globals';
import { archived, facts, identity, person, record, refusal, tied } from '../../test/support/sign-in-facts.js';
import { decide } from './decide.js';
import type { PersonFacts, SignInFacts } from './decide.types.js';

describe('who is invited', () => {
  const pending = (change: Partial<PersonFacts> = {}): PersonFacts => person({ state: 'pending', ...change });
  const byMail = { personId: 'ada', byLink: true };
  const elsewhere = { personId: 'ada', byLink: false };
  const atLink = (change: Partial<SignInFacts> = {}): SignInFacts =>
    facts({ atInvitation: true, invited: byMail, candidate: pending(), ...change });
  const unproven = { ...identity, emailVerified: false, domainVerified: false };
  const accepted = { do: 'link', personId: 'ada', by: 'invitation', accepts: true };

  it.each<[string, SignInFacts]>([
    ['it is over, or was sent to another address', atLink({ invited: null })],
    ['… whoever the account is', atLink({ invited: null, linked: person() })],
    ['the account is tied to somebody else', atLink({ linked: person({ id: 'bea' }) })],
    ['the directory says that it is somebody else’s', atLink({ record: record({ person: person({ id: 'bea' }) }) })],
    ['somebody else has the address by now', atLink({ candidate: person({ id: 'bea' }) })],
  ])('I-03 line 25: %s', (_, some) => {
    expect(decide(some)).toEqual(refusal('not_invited'));
  });

  it('line 26: by the link of the mail, though nothing is said of whether the address is verified', () => {
    expect(decide(atLink())).toEqual(accepted);
    expect(decide(atLink({ identity: unproven }))).toEqual(accepted);
    expect(decide({ ...atLink(), provider: { ...atLink().provider, mayLinkByEmail: false } })).toEqual(accepted);
    expect(decide(atLink({ candidate: pending({ isAdmin: true }) }))).toEqual(accepted);
    expect(decide(atLink({ candidate: person() }))).toEqual(accepted);
  });

  it('line 26: whose account is tied already, by it', () => {
    expect(decide(atLink({ linked: pending() }))).toEqual({ do: 'enter', personId: 'ada', accepts: true });
    expect(decide(atLink({ linked: person() }))).toEqual({ do: 'enter', personId: 'ada', accepts: true });
  });

  it.each(['isOperator', 'isBreakGlass'] as const)('O-42 line 26: never for %s', (what) => {
    expect(decide(atLink({ candidate: pending({ [what]: true }) }))).toEqual(refusal('link_from_session'));
  });

  it('O-40 line 26: who has another account at this provider', () => {
    const other = atLink({ candidate: pending({ otherSubject: true }) });
    expect(decide(other)).toMatchObject({ because: 'other_subject', notice: true });
    expect(decide(atLink({ candidate: archived() }))).toEqual(refusal('archived'));
    expect(decide(atLink({ candidate: archived({ erased: true }) }))).toEqual(refusal('unknown'));
  });

  it('lines 4 to 6 and 24 go before every invitation', () => {
    expect(decide(atLink({ directory: 'not_employed' }))).toEqual(refusal('suspended'));
    expect(decide(atLink({ linked: pending(), directory: 'gone' }))).toEqual(refusal('left'));
    expect(decide(atLink({ identity: { ...identity, strongEnough: false } }))).toEqual(refusal('too_weak'));
  });

  it('line 27: without the link, by a proven address', () => {
    expect(decide(facts({ invited: elsewhere, candidate: pending() }))).toEqual(accepted);
    expect(decide(facts({ invited: elsewhere, candidate: person() }))).toEqual({
      ...accepted,
      by: 'email',
    });
    expect(decide(facts({ invited: elsewhere, linked: pending() }))).toEqual({
      do: 'enter',
      personId: 'ada',
      accepts: true,
    });
    expect(decide(facts({ invited: elsewhere, candidate: pending(), identity: unproven }))).toEqual(refusal('unknown'));
    expect(decide(facts({ invited: elsewhere, candidate: pending() }, { linkByEmail: false }))).toEqual(
      refusal('unknown'),
    );
  });

  it('O-42 line 28: an admin accepts at the link alone', () => {
    const admin = pending({ isAdmin: true });
    expect(decide(facts({ invited: elsewhere, candidate: admin }))).toEqual(refusal('invited'));
    expect(decide(facts({ invited: elsewhere, linked: admin }))).toEqual(refusal('invited'));
    expect(decide(facts({ invited: elsewhere, linked: pending(), identity: unproven }))).toEqual(refusal('invited'));
  });

  it('lines 8 and 13: a run takes in whom the directory employs; they get in after it as whom they were invited', () => {
    expect(decide({ ...tied({ candidate: pending() }), atInvitation: true, invited: byMail })).toEqual({
      do: 'wait_for_run',
    });
    const after = tied({ record: record({ person: person() }), waited: true });
    expect(decide({ ...after, atInvitation: true, invited: byMail })).toMatchObject({ do: 'link', by: 'directory' });
  });
});
