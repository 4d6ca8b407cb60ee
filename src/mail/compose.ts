import type { MailTemplate, MailValues } from './mail.types.js';
import type { MailContent, MailFrame } from './templates/content.js';
import { DAY_AND_TIME } from './templates/day-and-time.js';
import { layout, type Sender } from './templates/layout.js';
import { plain } from './templates/plain.js';
import { TEMPLATES } from './templates/templates.js';
import { isolated, typedLines, typedText, withoutIsolates } from './typed-text.js';

export interface ComposedMail {
  subject: string;
  text: string;
  html: string;
}

/** What a stored mail tells. */
export type MailSaying = {
  [Template in MailTemplate]: { template: Template; values: MailValues[Template] };
}[MailTemplate];

/** Writes both parts of a mail. Everything that people typed is cleaned, then escaped, before MJML sees it. */
export async function compose(
  saying: MailSaying,
  frame: { organisation: string; at: Date; answered?: boolean },
  sender: Sender,
): Promise<ComposedMail> {
  const content = contentOf(saying, {
    organisation: isolated(typedText(frame.organisation)),
    at: dayAndTime(frame.at),
    answered: frame.answered ?? false,
  });
  return {
    subject: withoutIsolates(content.subject),
    text: plain(content, sender),
    html: await rendered(layout(content, sender).text),
  };
}

/** Ours, not typed by people. */
const OURS: ReadonlySet<string> = new Set(['link', 'minutes', 'change', 'until', 'language']);

function clean(name: string, value: string | null): string | null {
  if (value === null || OURS.has(name)) return value;
  return name === 'message' ? typedLines(value) : isolated(typedText(value));
}

function contentOf(saying: MailSaying, frame: MailFrame): MailContent {
  // Each template reads its own values; the union of all of them is more than TypeScript can pair up.
  const template = TEMPLATES[saying.template] as (values: MailSaying['values'], frame: MailFrame) => MailContent;
  const values = Object.fromEntries(
    Object.entries(saying.values).map(([name, value]: [string, string | null]) => [name, clean(name, value)]),
  ) as MailSaying['values'];
  return template(values, frame);
}

async function rendered(mjml: string): Promise<string> {
  // Half a second to load: not before the first mail.
  const { default: toHtml } = await import('mjml');
  const { html } = await toHtml(mjml, {
    validationLevel: 'strict',
    ignoreIncludes: true,
    fonts: {},
    keepComments: true,
  });
  return html;
}

const IN_ENGLISH = new Intl.DateTimeFormat('en-GB', DAY_AND_TIME);

function dayAndTime(at: Date): string {
  return `${IN_ENGLISH.format(at).replace(' at ', ', ')}\u00a0UTC`;
}
