import type { MailContent } from './content.js';
import type { Sender } from './layout.js';

const WIDTH = 72;

/** The plain text of a mail. Addresses stand on a line of their own and are never broken. */
export function plain(content: MailContent, { host }: Sender): string {
  return [
    content.heading,
    ...content.paragraphs,
    ...(content.facts.length > 0 ? [content.facts.map(([label, value]) => `${label}: ${value}`).join('\n')] : []),
    ...(content.button === null ? [] : [`${content.button.label}:\n${content.button.url}`]),
    ...content.notes,
    `-- \nSent by Rollcall at ${host}, by itself. Answers are not read.`,
  ]
    .map((block) => block.split('\n').map(wrapped).join('\n'))
    .join('\n\n')
    .concat('\n');
}

function wrapped(line: string): string {
  if (line.length <= WIDTH || !line.includes(' ')) return line;
  const lines: string[] = [];
  for (const word of line.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
