import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PageShell } from './page-shell.js';

const shell = (): PageShell => PageShell.from(mkdtempSync(join(tmpdir(), 'pages-')));

describe('X-05 what is written into a page', () => {
  it.each([
    '</script><script>alert(1)</script>',
    '<!--<script>',
    '<!--rollcall:content-->',
    '<!--rollcall:data-->',
    "$& $1 $` $'",
    '__CSP_NONCE__',
    '\u2028\u2029 &amp; "quoted"',
  ])('%j is data, whole and nothing else', (text) => {
    const html = shell().render({ title: text, body: '<p>here</p>', data: { text } }, 'bm9uY2U=');
    const [, block = ''] =
      /<script type="application\/json" id="page-data" nonce="bm9uY2U=">([^<]*)<\/script>/u.exec(html) ?? [];
    expect(JSON.parse(block)).toEqual({ text });
    expect(html.match(/<script/gu)).toHaveLength(1);
    expect(html.match(/<p>here<\/p>/gu)).toHaveLength(1);
  });
});

it('every answer has its own nonce wherever the built page asks for one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pages-'));
  writeFileSync(
    join(folder, 'index.html'),
    '<title>x</title><script nonce="__CSP_NONCE__"></script><!--rollcall:content--><!--rollcall:data-->',
  );
  const html = PageShell.from(folder).render({ title: 'Y & Z', body: '', data: null }, 'abc');
  expect(html).toBe(
    '<title>Y &amp; Z</title><script nonce="abc"></script><script type="application/json" id="page-data" nonce="abc">null</script>',
  );
});

it('a built page without the places is our fault, found at the start', () => {
  expect(() => new PageShell('<!--rollcall:content-->')).toThrow('data');
  expect(() => new PageShell('<!--rollcall:content--><!--rollcall:content--><!--rollcall:data-->')).toThrow('content');
});
