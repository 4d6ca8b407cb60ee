import { z } from 'zod';

/** At the most of one request; a page that breaks its policy everywhere says nothing more by a hundredth. */
const MOST = 10;

const text = z.string().max(4_000).nullish();
const Level2 = z.looseObject({
  'csp-report': z.looseObject({
    'effective-directive': text,
    'violated-directive': text,
    'blocked-uri': text,
    'document-uri': text,
  }),
});
const Level3 = z
  .array(
    z.looseObject({
      type: z.string().max(100),
      body: z.looseObject({ effectiveDirective: text, blockedURL: text, documentURL: text }).nullish(),
    }),
  )
  .max(100);

/** What browsers send to `report-uri`, and what they send to `report-to`. */
export const CspReports = z.union([Level2, Level3]);

/** Without anything that may tell of a person: no path beyond the page's own kind, no query, no sample of a script. */
export interface Violation {
  directive: string;
  /** An origin, or a word such as `inline`. */
  blocked: string;
  page: string;
}

export function violationsIn(reports: z.infer<typeof CspReports>): Violation[] {
  if (!Array.isArray(reports)) {
    const report = reports['csp-report'];
    const directive = report['effective-directive'] ?? report['violated-directive'];
    return [violation(directive, report['blocked-uri'], report['document-uri'])];
  }
  return reports
    .filter(({ type }) => type === 'csp-violation')
    .slice(0, MOST)
    .map(({ body }) => violation(body?.effectiveDirective, body?.blockedURL, body?.documentURL));
}

type Said = string | null | undefined;

function violation(directive: Said, blocked: Said, page: Said): Violation {
  return { directive: word(directive), blocked: originOf(blocked), page: firstOfPath(page) };
}

function word(said: Said): string {
  const first = said?.split(' ')[0] ?? '';
  return /^[a-z-]{1,40}$/u.test(first) ? first : 'unknown';
}

function originOf(said: Said): string {
  if (said === null || said === undefined || !URL.canParse(said)) return word(said);
  const { origin, protocol } = new URL(said);
  return origin === 'null' ? protocol : origin;
}

/** `/sign-in/acme?x=y` is `/sign-in`. */
function firstOfPath(said: Said): string {
  if (said === null || said === undefined || !URL.canParse(said)) return 'unknown';
  return `/${word(new URL(said).pathname.split('/')[1])}`;
}
