import { describe, expect, it } from '@jest/globals';
import { actorOf, NO_CREDENTIAL, type AuditedCaller } from './audit.types.js';

const session: AuditedCaller = { kind: 'session', credentialId: 's', personId: 'p', operator: null, setUp: null };
const staff = { personId: 'o', organisationId: 'installation', supportSessionId: null };

describe('G-01 who an entry names', () => {
  it.each<[string, AuditedCaller, object]>([
    ['a key', { ...session, kind: 'key', credentialId: 'k' }, { kind: 'key', id: 'k', personId: 'p' }],
    [
      'the command line',
      { ...session, kind: 'command_line', credentialId: NO_CREDENTIAL, personId: null },
      { kind: 'operator' },
    ],
    ['a person', session, { kind: 'person', id: 'p', sessionId: 's' }],
    [
      'an operator among the people of the installation',
      { ...session, personId: 'o', operator: staff },
      { kind: 'person', id: 'o', sessionId: 's' },
    ],
    [
      'an operator in a support session',
      { ...session, personId: null, operator: { ...staff, supportSessionId: 'visit' } },
      { kind: 'operator', personId: 'o', organisationId: 'installation', supportSessionId: 'visit' },
    ],
    [
      'somebody with a set-up link',
      { ...session, kind: 'set_up', personId: null, setUp: { linkId: 'l' } },
      { kind: 'set_up_link', id: 'l' },
    ],
  ])('%s', (_, caller, actor) => {
    expect(actorOf(caller)).toEqual(actor);
  });
});
