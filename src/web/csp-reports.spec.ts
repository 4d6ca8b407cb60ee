import { describe, expect, it } from '@jest/globals';
import { CspReports, violationsIn } from './csp-reports.js';

const read = (body: unknown): unknown => violationsIn(CspReports.parse(body));

describe('X-03 reports of browsers', () => {
  it('of report-uri', () => {
    const report = {
      'effective-directive': 'script-src-elem',
      'violated-directive': 'script-src-elem',
      'blocked-uri': 'https://evil.example/x.js?person=ada@acme.example',
      'document-uri': 'https://rollcall.example/sign-in/acme?returnTo=/people/ada',
      'script-sample': 'secret',
    };
    expect(read({ 'csp-report': report })).toEqual([
      { directive: 'script-src-elem', blocked: 'https://evil.example', page: '/sign-in' },
    ]);
  });

  it('of report-to, ten at the most, and no other kinds', () => {
    const one = { type: 'csp-violation', body: { effectiveDirective: 'style-src-attr', blockedURL: 'inline' } };
    expect(read([{ type: 'deprecation', body: null }, one])).toEqual([
      { directive: 'style-src-attr', blocked: 'inline', page: 'unknown' },
    ]);
    expect(read(Array.from({ length: 50 }, () => one))).toHaveLength(10);
  });

  it.each(['data:text/html,<b>ada</b>', 'blob:https://x', 'ada@acme.example', 'two\nlines', '', 'x'.repeat(3_000)])(
    'nothing of %j that may be about somebody is kept',
    (text) => {
      const [found] = read({
        'csp-report': { 'effective-directive': text, 'blocked-uri': text, 'document-uri': text },
      }) as [Record<string, string>];
      for (const value of Object.values(found)) expect(value).toMatch(/^(unknown|data:|https:\/\/x|\/unknown|x)$/u);
    },
  );
});
