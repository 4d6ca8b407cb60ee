import { describe, expect, it } from '@jest/globals';
import { Writable } from 'node:stream';
import { Output } from './output.js';
import { duration, markOf, ProgressLine, type Mark } from './progress.js';
import type { RunView } from './views.js';

const NOTHING = {
  pages: 0,
  records: 0,
  requests: 0,
  toDecide: 0,
  decided: 0,
  confirmed: 0,
  toApply: 0,
  applied: 0,
  unknown: 0,
  faults: [],
};

const run = (state: RunView['state'], progress: object = {}, phase: RunView['phase'] = null): RunView =>
  ({ state, phase, progress: { ...NOTHING, ...progress } }) as unknown as RunView;

describe('where a run is', () => {
  it.each<[string, RunView, number | null, Partial<Mark>]>([
    ['waits', run('queued'), 500, { doing: 'Waiting to be taken up', total: null }],
    ['reads as many as last time', run('reading', { records: 200, pages: 1 }), 500, { done: 200, total: 500, estimated: true, pages: 1 }],
    ['reads for the first time', run('reading', { records: 200 }), null, { done: 200, total: null }],
    ['reads more than last time', run('reading', { records: 600 }), 500, { done: 600, total: null }],
    ['confirms who is missing', run('planning', { confirmed: 4, toDecide: 9 }), null, { doing: 'Confirming absences', done: 4 }],
    ['decides', run('planning', { decided: 3, toDecide: 9 }), null, { doing: 'Planning', done: 3, total: 9, estimated: false }],
    ['applies', run('applying', { applied: 3, toApply: 9 }), null, { doing: 'Applying', done: 3, total: 9 }],
    ['finishes', run('applying', { applied: 9, toApply: 9 }, 'finish'), null, { doing: 'Finishing' }],
  ])('it %s', (_case, view, expected, mark) => {
    expect(markOf(view, expected)).toMatchObject(mark);
  }); // prettier-ignore

  it.each([
    [800, '0.8 s'],
    [9_960, '10 s'],
    [61_000, '1 min 1 s'],
    [7_800_000, '2 h 10 min'],
  ])('%d ms is %s', (milliseconds, text) => expect(duration(milliseconds)).toBe(text));
});

describe('what a watcher is told', () => {
  function watched(
    terminal: boolean,
    json = false,
  ): {
    line: ProgressLine;
    said: () => string;
    pass: (ms: number) => void;
  } {
    let now = 1_000;
    let said = '';
    const err = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        said += chunk.toString();
        done();
      },
    });
    const output = new Output({ out: err, err: Object.assign(err, { isTTY: terminal, columns: 80 }) }, json);
    return { line: new ProgressLine(output, () => now), said: () => said, pass: (ms) => void (now += ms) };
  }
  const mark: Mark = { doing: 'Reading', done: 0, total: 1000, estimated: true, unit: 'records', pages: 0 };

  it('where nobody watches: a line per phase, and one now and then', () => {
    const { line, said, pass } = watched(false);
    line.show(mark);
    pass(1_000);
    line.show({ ...mark, done: 100, pages: 1 });
    pass(4_000);
    line.show({ ...mark, done: 500, pages: 3 });
    expect(said()).toBe('Reading …\nReading: 500 of ~1,000 records · 100/s · 5.0 s left · 3 pages\n');
  });

  it('scripts: nothing', () => {
    const { line, said } = watched(false, true);
    line.show(mark);
    expect(said()).toBe('');
  });
});
