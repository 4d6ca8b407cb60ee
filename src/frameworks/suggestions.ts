import Fuse from 'fuse.js';
import { foldName } from '../common/fold.js';

const MOST_SUGGESTIONS = 3;
/** Of 0 to 1; what is less alike is noise to whoever reads it. */
const LEAST_LIKENESS = 0.4;
/** Longer titles are compared by their beginning. */
const LONGEST_COMPARED = 100;
const MOST_WORDS = 8;

export interface Named {
  id: string;
  frameworkId: string;
  name: string;
  folded: string;
}

export interface Suggestion {
  positionId: string;
  name: string;
  frameworkId: string;
  likeness: number;
}

/** Finds the positions that a title may mean. Made once for many titles. */
export function suggester(positions: readonly Named[]): (title: string) => Suggestion[] {
  const options = { keys: ['folded'], includeScore: true, ignoreLocation: true, threshold: 1 - LEAST_LIKENESS };
  const fuse = new Fuse(positions, options);
  return (title) => {
    const folded = foldName(title).slice(0, LONGEST_COMPARED);
    const words = [...new Set(folded.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== ''))].slice(0, MOST_WORDS);
    const letters = words.join('').length;
    const likeness = new Map<Named, number>();
    // Word by word, for titles have more or fewer of them than positions: "Sr. Engineer (Platform)".
    for (const word of words) {
      for (const { item, score = 1 } of fuse.search(word)) {
        likeness.set(item, (likeness.get(item) ?? 0) + ((1 - score) * word.length) / letters);
      }
    }
    return [...likeness]
      .map(([item, alike]) => ({ item, alike: alike * (0.5 + 0.5 * lengthRatio(folded, item.folded)) }))
      .filter(({ alike }) => alike >= LEAST_LIKENESS)
      .sort((a, b) => b.alike - a.alike || (a.item.folded < b.item.folded ? -1 : 1))
      .slice(0, MOST_SUGGESTIONS)
      .map(({ item, alike }) => ({
        positionId: item.id,
        name: item.name,
        frameworkId: item.frameworkId,
        likeness: Math.min(1, Math.round(alike * 100) / 100),
      }));
  };
}

function lengthRatio(a: string, b: string): number {
  return Math.min(a.length, b.length) / Math.max(a.length, b.length);
}
