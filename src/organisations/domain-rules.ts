import emailProviders from 'email-providers';
import { getPublicSuffix } from 'tldts';
import { canonicalDomain } from '../common/email.js';
import { RollcallError } from '../common/errors.js';

/** Mail for everybody that the list has not learnt of. */
const MISSING = [
  'fastmail.com',
  'tutanota.com',
  'tuta.com',
  'tutamail.com',
  'skiff.com',
  'duck.com',
  'privaterelay.appleid.com',
];
/** Kept free for documentation by RFC 2606: nobody has mail there, whatever a list says. */
const RESERVED = new Set(['example.com', 'example.net', 'example.org']);

const MAIL_FOR_EVERYBODY = new Set(
  [...emailProviders, ...MISSING]
    .map((name) => canonicalDomain(name))
    .filter((name): name is string => name !== null && !RESERVED.has(name)),
);

/**
 * The canonical form of a domain that one organisation can have as its own.
 *
 * @throws {RollcallError} `domain.invalid` for what is no domain; `domain.public` where anybody can have an address or a
 *   name: whoever verified such a domain could claim people of everybody's.
 */
export function ownDomain(raw: string): string {
  const name = canonicalDomain(raw);
  if (name === null) throw new RollcallError('domain.invalid', 'This is not a domain name.');
  if (isPublic(name))
    throw new RollcallError(
      'domain.public',
      'Anybody can have an address there, so no organisation can have it as its own.',
    );
  return name;
}

/** Whether anybody can get an address (gmail.com) or register a name (co.uk, github.io) there. */
export function isPublic(canonical: string): boolean {
  return MAIL_FOR_EVERYBODY.has(canonical) || getPublicSuffix(canonical, { allowPrivateDomains: true }) === canonical;
}

/** O-43: so long may the proof of a domain fail before nobody is linked or created by it any more. */
const LAPSES_AFTER_DAYS = 7;
const A_DAY = 24 * 60 * 60_000;

/** A proof that has failed since then, or longer, counts no more. */
export function lapsedBefore(now: Date): Date {
  return new Date(now.getTime() - LAPSES_AFTER_DAYS * A_DAY);
}
