import { scramble } from './random.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function base(digits: string, value: number, width: number): string {
  let text = '';
  let rest = value;
  for (let i = 0; i < width; i++) {
    text = (digits[rest % digits.length] ?? '') + text;
    rest = Math.floor(rest / digits.length);
  }
  return text;
}

function unbase(digits: string, text: string): number {
  let value = 0;
  for (const letter of text) {
    const digit = digits.indexOf(letter);
    if (digit < 0) return -1;
    value = value * digits.length + digit;
  }
  return value;
}

export type Kind = 'person' | 'group' | 'unit' | 'application' | 'type' | 'schema';

const OKTA_PREFIX: Readonly<Record<Kind, string>> = {
  person: '00u',
  group: '00g',
  unit: '00n',
  application: '0oa',
  type: 'oty',
  schema: 'osc',
};

/** Base 36 in lower case, as Google's ids of groups and units look. */
const BASE36 = BASE62.toLowerCase().slice(0, 36);

/**
 * The ids that a directory gives to neutral numbers, and back. They are made by arithmetic, so a hundred thousand
 * cost no memory; another `epoch` stands for a re-import where everybody got a new id.
 */
export class Ids {
  readonly #seed: number;
  epoch = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  #salt(kind: Kind): number {
    return scramble(this.#seed + this.epoch * 7919, kind.length * 2654435761);
  }

  okta(kind: Kind, n: number): string {
    const salt = this.#salt(kind);
    return OKTA_PREFIX[kind] + base(BASE62, scramble(n, salt), 6) + base(BASE62, n, 5) + base(BASE62, salt, 6);
  }

  /** The number behind an id that `okta` gave in this epoch; null for any other text. */
  fromOkta(kind: Kind, id: string): number | null {
    if (id.length !== 20) return null;
    const n = unbase(BASE62, id.slice(9, 14));
    return n >= 0 && this.okta(kind, n) === id ? n : null;
  }

  google(kind: Kind, n: number): string {
    const salt = this.#salt(kind);
    const digits = String(scramble(n, salt)).padStart(10, '0');
    if (kind === 'person') return `1${digits}${String(n).padStart(10, '0')}`;
    const tail = base(BASE36, scramble(n, salt), 7) + base(BASE36, n, 5);
    return kind === 'unit' ? `id:03${tail}` : `01${tail}`;
  }

  fromGoogle(kind: Kind, id: string): number | null {
    const n = kind === 'person' ? Number(id.slice(11)) : unbase(BASE36, id.slice(-5));
    return Number.isSafeInteger(n) && n >= 0 && this.google(kind, n) === id ? n : null;
  }

  /** `00o…`, as the well-known document of an Okta organisation names it. */
  get oktaOrganisation(): string {
    return `00o${base(BASE62, scramble(1, this.#seed), 6)}${base(BASE62, scramble(2, this.#seed), 6)}Qx697`;
  }

  /** `C…`, Google's id of a customer. */
  get googleCustomer(): string {
    return `C0${base(BASE36, scramble(3, this.#seed), 7)}`;
  }
}
