import { Resolver } from 'node:dns/promises';
import { codeOf } from '../common/errors.js';

/** Nest's token for the resolver that is asked for the records of domains. */
export const TXT_RESOLVER = Symbol('rollcall:txt-resolver');

const TIMEOUT_MS = 3_000;
const TRIES = 2;
/** DNS says so itself; everything else is no answer. */
const THERE_IS_NONE: readonly string[] = ['ENOTFOUND', 'ENODATA'];

export function txtResolver(): Resolver {
  return new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
}

/** What the DNS has at a name: whole texts, for long ones come in pieces. Null when it does not answer. */
export async function textsAt(resolver: Resolver, name: string): Promise<string[] | null> {
  try {
    return (await resolver.resolveTxt(name)).map((pieces) => pieces.join(''));
  } catch (error) {
    return THERE_IS_NONE.includes(codeOf(error)) ? [] : null;
  }
}
