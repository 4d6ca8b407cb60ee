import { styleText } from 'node:util';

const WIDTH = 80;
const LABEL = 18;

type Style = Parameters<typeof styleText>[0];

/** What the demo writes: plain lines of 80 columns, coloured on a terminal alone. */
export class Screen {
  readonly #began = performance.now();

  /** The title of a chapter, with the seconds since the start. */
  chapter(title: string): void {
    const at = `${((performance.now() - this.#began) / 1000).toFixed(1)} s`;
    const rule = '─'.repeat(Math.max(3, WIDTH - title.length - at.length - 6));
    this.#write(`\n${paint('cyan', '──')} ${paint('bold', title)} ${paint('cyan', rule)} ${paint('dim', at)}`);
  }

  /** `   label   text`, the text folded where it is long. */
  say(label: string, text: string, style: Style = 'reset'): void {
    const rows = folded(text, WIDTH - LABEL - 5);
    rows.forEach((row, index) =>
      this.#write(`   ${paint('dim', (index === 0 ? label : '').padEnd(LABEL))}  ${paint(style, row)}`),
    );
  }

  good(label: string, text: string): void {
    this.say(label, `✓ ${text}`, 'green');
  }

  bad(label: string, text: string): void {
    this.say(label, `! ${text}`, 'yellow');
  }

  /** What somebody types, and below it what came back. */
  typed(command: string): void {
    this.#write(`   ${paint('dim', '$')} ${paint('bold', command)}`);
  }

  printed(text: string): void {
    for (const row of text.trimEnd().split('\n')) this.#write(row === '' ? '' : `     ${row}`);
  }

  /** As it is, to be copied. */
  raw(text = ''): void {
    this.#write(text);
  }

  #write(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}

export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

export function folded(text: string, width: number): string[] {
  const rows = [''];
  for (const word of text.split(' ')) {
    const last = rows.at(-1) ?? '';
    if (last === '') rows[rows.length - 1] = word;
    else if (last.length + 1 + word.length <= width) rows[rows.length - 1] = `${last} ${word}`;
    else rows.push(word);
  }
  return rows;
}
