import { statSync } from 'node:fs';

/** Suites that take minutes, the longest first: one that begins last leaves all other workers idle. */
const LONG = ['/histories.', '/fault-matrix.', '/every-page.', '/pages.', '/imports-killed.', '/kill.', '/mail-kills.'];

function rank(path) {
  const at = LONG.findIndex((name) => path.includes(name));
  return at === -1 ? LONG.length : at;
}

/** In which order Jest begins its suites, on a machine that has never run them: the rest by the size of their files. */
export default class LongestFirst {
  sort(tests) {
    const size = new Map(tests.map(({ path }) => [path, statSync(path).size]));
    return tests.toSorted((a, b) => rank(a.path) - rank(b.path) || size.get(b.path) - size.get(a.path));
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {
    // Nothing is remembered: the order is the same everywhere.
  }
}
