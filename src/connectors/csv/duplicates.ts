import { hash } from 'node:crypto';

const FIRST_ENTRIES = 1_024;
/** Words of 32 bits: four of the address, two of the content, one line. */
const WORDS = 7;
const CONTENT = 4;
const LINE = 6;

/** A row that came before under the same address. */
export interface EarlierRow {
  line: number;
  /** Whether it says the same of that person. */
  same: boolean;
}

/**
 * Which addresses a file has named so far, and where: digests alone, in arrays that grow with the file. 128 bits of SHA-256 tell addresses apart, 64 what is said of one.
 */
export class SeenAddresses {
  private entries = new Uint32Array(FIRST_ENTRIES * WORDS);
  /** Where an address is in `entries`, plus one; open addressing, at most half full. */
  private slots = new Uint32Array(FIRST_ENTRIES * 2);
  private count = 0;
  /** Of the row at hand. */
  private readonly who = new Uint32Array(CONTENT);
  private readonly what = new Uint32Array(CONTENT);

  /**
   * Remembers the row when it is the first with that address.
   *
   * @param address In canonical form.
   * @param content All that the row says of the person, in one way of writing.
   * @returns The first row with that address; null when this is it.
   */
  add(address: string, content: string, line: number): EarlierRow | null {
    digest(address, this.who);
    digest(content, this.what);
    const { who, what } = this;
    const slot = this.slotOf(who, 0);
    const found = this.slots[slot] ?? 0;
    if (found !== 0) {
      const at = (found - 1) * WORDS;
      const same = this.entries[at + CONTENT] === word(what, 0) && this.entries[at + CONTENT + 1] === word(what, 1);
      return { line: this.entries[at + LINE] ?? 0, same };
    }
    const at = this.count * WORDS;
    for (let index = 0; index < CONTENT; index++) this.entries[at + index] = word(who, index);
    for (let index = 0; index < LINE - CONTENT; index++) this.entries[at + CONTENT + index] = word(what, index);
    this.entries[at + LINE] = line;
    this.count += 1;
    this.slots[slot] = this.count;
    if (this.count * WORDS === this.entries.length) this.grow();
    return null;
  }

  /** Bytes that it takes. */
  get size(): number {
    return this.entries.byteLength + this.slots.byteLength;
  }

  /** The slot of the address whose digest begins at `from` of `words`: where it is, or where it would go. */
  private slotOf(words: Uint32Array, from: number): number {
    const last = this.slots.length - 1;
    let slot = word(words, from) & last;
    for (let found = this.slots[slot] ?? 0; found !== 0; found = this.slots[slot] ?? 0) {
      const at = (found - 1) * WORDS;
      let index = 0;
      while (index < CONTENT && this.entries[at + index] === words[from + index]) index += 1;
      if (index === CONTENT) break;
      slot = (slot + 1) & last;
    }
    return slot;
  }

  private grow(): void {
    const entries = new Uint32Array(this.entries.length * 2);
    entries.set(this.entries);
    this.entries = entries;
    this.slots = new Uint32Array(this.slots.length * 2);
    for (let entry = 0; entry < this.count; entry++) this.slots[this.slotOf(entries, entry * WORDS)] = entry + 1;
  }
}

function digest(text: string, words: Uint32Array): void {
  const bytes = hash('sha256', text, 'buffer');
  for (let index = 0; index < CONTENT; index++) words[index] = bytes.readUInt32LE(index * 4);
}

function word(words: Uint32Array, index: number): number {
  return words[index] ?? 0;
}
