import type { WouldHappen } from '../sso/test-sign-ins.service.js';
import type { SignInDecision } from './decide.types.js';
import { REFUSALS } from './refusals.js';

/** What a sign-in would have led to, for whoever tests a provider. */
export function wouldHappen(decision: SignInDecision): WouldHappen {
  switch (decision.do) {
    case 'enter':
      return { outcome: 'enter', code: null, sentence: null };
    case 'link':
      return {
        outcome: 'link',
        code: decision.by,
        sentence: 'The account would be tied to a person who is here, and they would get in.',
      };
    case 'create':
      return { outcome: 'create', code: null, sentence: 'A person would be made, and they would get in.' };
    case 'wait_for_run':
      return {
        outcome: 'create',
        code: 'by_run',
        sentence: 'The directory knows this account: a run would take the person in first, or bring them back.',
      };
    case 'refuse':
      return { outcome: 'refuse', code: decision.because, sentence: REFUSALS[decision.because] };
  }
}
