import type { Item } from '../http/answer.ts';
import type { Garbling } from './model.ts';

const GIVEN_NAME = /"(firstName|givenName)":"(?:[^"\\]|\\.)*"/g;
const EMAIL = /"(email|primaryEmail)":"(?:[^"\\]|\\.)*"/g;
const DATE = /"(created|creationTime)":"[^"]*"/g;

/** Spoils one listed object as text, so that it can become what no serialiser would write. */
export function garble(item: Item, what: Garbling): Item {
  return { id: item.id, json: Buffer.from(spoil(item.json.toString(), item.id, what)) };
}

function spoil(text: string, id: string, what: Garbling): string {
  const idIs = (value: string): string => text.replaceAll(`"id":${JSON.stringify(id)}`, value);
  const nameIs = (written: string): string => text.replace(GIVEN_NAME, (_all, key: string) => `"${key}":${written}`);
  const withExtra = (extra: string): string => text.replace(/\}$/, `,${extra}}`);
  switch (what) {
    case 'id missing':
      return text.replaceAll(`"id":${JSON.stringify(id)},`, '');
    case 'id null':
      return idIs('"id":null');
    case 'id number':
      return idIs('"id":42');
    case 'id 4 kB':
      return idIs(`"id":"${'x'.repeat(4096)}"`);
    case 'id with slash':
      return idIs('"id":"00u/../groups"');
    case 'id of dots':
      return idIs('"id":".."');
    case 'id emoji':
      return idIs('"id":"🙂"');
    case 'e-mail missing':
      return text.replace(EMAIL, '"_":null');
    case 'e-mail invalid':
      return text.replace(EMAIL, (_all, key: string) => `"${key}":"nobody at all"`);
    case 'NUL':
      return nameIs('"Nul\\u0000l"');
    case 'control characters':
      return nameIs('"Bell\\u0007\\u001b[31m\\u0085"');
    case 'lone surrogate':
      return nameIs('"Half \\ud83d"');
    case 'right-to-left override':
      return nameIs('"\\u202eevil"');
    case '10 MB attribute':
      return nameIs(`"${'n'.repeat(10_000_000)}"`);
    case '100000 attributes':
      return withExtra(Array.from({ length: 100_000 }, (_, i) => `"attribute${i}":"${i}"`).join(','));
    case 'depth 1000':
      return withExtra(`"deep":${'['.repeat(1000)}${']'.repeat(1000)}`);
    case 'number 1e400':
      return withExtra('"number":1e400');
    case 'year 0':
      return text.replace(DATE, (_all, key: string) => `"${key}":"0000-01-01T00:00:00.000Z"`);
    case 'year 275760':
      return text.replace(DATE, (_all, key: string) => `"${key}":"+275760-09-13T00:00:00.000Z"`);
  }
}
