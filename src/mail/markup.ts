/** Text that is markup already. Only the tag below and fixed templates make it. */
export class Markup {
  constructor(readonly text: string) {}
}

type Value = string | Markup | readonly Markup[];

/** A template of markup: every value in it is escaped, unless it is markup itself. */
export function markup(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(parts.reduce((text, part, at) => text + textOf(values[at - 1]) + part));
}

function textOf(value: Value | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return escape(value);
  return value instanceof Markup ? value.text : value.map(({ text }) => text).join('\n');
}

const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // Some renderers and mail programs read these as templates of theirs.
  '`': '&#96;',
  '{': '&#123;',
  '}': '&#125;',
};

function escape(text: string): string {
  return text.replace(/[&<>"'`{}]/gu, (character) => ESCAPED[character] ?? '');
}
