import type { MailContent } from './content.js';
import { FRAME_WORDS } from './frame-words.js';
import type { Sender } from './layout.js';

const WIDTH = 72;

/** The plain text of a mail. Addresses stand on a line of their own and are never broken. */
export function plain(content: MailContent, { host }: Sender): string {
  const words = FRAME_WORDS[content.language];
  return [
    content.heading,
    ...content.paragraphs,
    ...(content.quote.length > 0 ? [content.quote.map(quoted).join('\n')] : []),
    ...(content.facts.length > 0 ? [content.facts.map(([label, value]) => `${label}: ${value}`).join('\n')] : []),
    ...(content.button === null ? [] : [`${content.button.label}:\n${content.button.url}`]),
    ...content.notes,
    `-- \n${words.sentBy(host)} ${content.answered ? words.answersRead : words.answersNotRead}`,
  ]
    .map((block) =>
      block
        .split('\n')
        .map((line) => wrapped(line))
        .join('\n'),
    )
    .join('\n\n')
    .concat('\n');
}

function quoted(line: string): string {
  return wrapped(line, WIDTH - 2)
    .split('\n')
    .map((part) => `> ${part}`.trimEnd())
    .join('\n');
}

function wrapped(line: string, width = WIDTH): string {
  if (line.length <= width || !line.includes(' ')) return line;
  const lines: string[] = [];
  for (const word of line.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
