import { type Options, type Params, SingleBar } from 'cli-progress';
import type { Output } from './output.js';
import type { RunView } from './views.js';

/** Where a run is, as a watcher wants to know it. */
export interface Mark {
  doing: string;
  done: number;
  /** Null: nobody knows. An estimate is marked as one. */
  total: number | null;
  estimated: boolean;
  unit: string;
  pages: number;
}

const QUIET_LINE_EVERY_MS = 5_000;
const BAR_WIDTH = 16;

/** @param expected Records of the last complete read; null when there was none. */
export function markOf(run: RunView, expected: number | null): Mark {
  const { progress: p, state, phase } = run;
  const known = (doing: string, done: number, total: number, unit: string): Mark => ({
    doing,
    done,
    total: total > 0 ? total : null,
    estimated: false,
    unit,
    pages: 0,
  });
  if (state === 'queued') return known('Waiting to be taken up', 0, 0, '');
  if (state === 'applying')
    return known(phase === 'finish' ? 'Finishing' : 'Applying', p.applied, p.toApply, 'changes');
  if (state === 'planning') {
    return p.decided === 0 && p.confirmed > 0
      ? known('Confirming absences', p.confirmed, 0, 'people')
      : known('Planning', p.decided, p.toDecide, 'records');
  }
  const total = expected !== null && expected >= p.records ? expected : null;
  return { doing: 'Reading', done: p.records, total, estimated: true, unit: 'records', pages: p.pages };
}

/** Follows one run on the terminal: a bar that moves where somebody watches, plain lines elsewhere, nothing for scripts. */
export class ProgressLine {
  private bar: SingleBar | null = null;
  private mark: Mark | null = null;
  private since = 0;
  private first = 0;
  private toldAt = 0;

  constructor(
    private readonly output: Output,
    private readonly now: () => number,
  ) {}

  show(mark: Mark): void {
    if (this.output.json) return;
    if (mark.doing !== this.mark?.doing) {
      this.since = this.now();
      this.first = mark.done;
      this.toldAt = 0;
    }
    this.mark = mark;
    if (this.output.live) this.draw(mark);
    else this.tell(mark);
  }

  /** Takes the bar away: what comes next are results. */
  end(): void {
    this.bar?.stop();
    this.bar = null;
  }

  private draw(mark: Mark): void {
    if (this.bar === null) {
      this.bar = new SingleBar({
        stream: this.output.progressStream,
        clearOnComplete: true,
        hideCursor: true,
        gracefulExit: false,
        linewrap: false,
        barCompleteChar: '█',
        barIncompleteChar: '░',
        format: (options: Options, params: Params) => this.line(params.progress, options),
      });
      this.bar.start(mark.total ?? 0, mark.done);
    }
    this.bar.setTotal(mark.total ?? 0);
    this.bar.update(mark.total === null ? 0 : Math.min(mark.done, mark.total));
  }

  private line(share: number, options: Options): string {
    if (this.mark === null) return '';
    const full = this.mark.total === null ? 0 : Math.round(Math.min(1, share) * BAR_WIDTH);
    const bar = `${(options.barCompleteString ?? '').slice(0, full)}${(options.barIncompleteString ?? '').slice(0, BAR_WIDTH - full)}`;
    const shown = this.mark.total === null ? '' : `${bar}  `;
    return `${this.mark.doing.padEnd(9)}  ${shown}${this.numbers(this.mark)}`;
  }

  private tell(mark: Mark): void {
    const now = this.now();
    if (this.toldAt !== 0 && now - this.toldAt < QUIET_LINE_EVERY_MS) return;
    const numbers = this.toldAt === 0 ? '' : this.numbers(mark);
    this.toldAt = now;
    this.output.note(numbers === '' ? `${mark.doing} …` : `${mark.doing}: ${numbers}`);
  }

  /** `612 of ~1,000 records · 180/s · 2.1 s left · 4 pages` */
  private numbers(mark: Mark): string {
    if (mark.unit === '') return '';
    const seconds = (this.now() - this.since) / 1000;
    const rate = seconds >= 0.5 ? (mark.done - this.first) / seconds : 0;
    const of = mark.total === null ? '' : ` of ${mark.estimated ? '~' : ''}${count(mark.total)}`;
    const parts = [`${count(mark.done)}${of} ${mark.unit}`];
    if (rate >= 1) parts.push(`${count(Math.round(rate))}/s`);
    if (rate > 0 && mark.total !== null && mark.total > mark.done) {
      parts.push(`${duration(((mark.total - mark.done) / rate) * 1000)} left`);
    }
    if (mark.pages > 0) parts.push(mark.pages === 1 ? '1 page' : `${count(mark.pages)} pages`);
    return parts.join(' · ');
  }
}

const THOUSANDS = new Intl.NumberFormat('en-US');

export function count(number: number): string {
  return THOUSANDS.format(number);
}

/** `0.8 s`, `42 s`, `3 min 5 s`, `2 h 10 min` */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
