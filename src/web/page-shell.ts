import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../common/errors.js';
import { escapeText } from './escape-text.js';

/** What stands in a page when it leaves, before any script of it runs. */
export interface PageContent {
  title: string;
  /** HTML, safe as it is. */
  body: string;
  /** For the scripts of the page; whatever JSON can say. */
  data: unknown;
}

/** Of the built pages: where the nonce, the content and the data of an answer go. */
const NONCE = '__CSP_NONCE__';
const CONTENT = '<!--rollcall:content-->';
const DATA = '<!--rollcall:data-->';
const TITLE = /<title>[^<]*<\/title>/u;

/** What is served while the pages are not built: it says the same, without their looks. */
const PLAIN = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Rollcall</title>
  </head>
  <body>
    <div id="root">${CONTENT}</div>
    ${DATA}
  </body>
</html>
`;

/** A page into which every answer writes its own nonce, content and data. */
export class PageShell {
  /** @param folder With the built pages; without any, a plain shell. */
  static from(folder: string): PageShell {
    try {
      return new PageShell(readFileSync(join(folder, 'index.html'), 'utf8'));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      return new PageShell(PLAIN);
    }
  }

  constructor(private readonly template: string) {
    for (const place of [CONTENT, DATA])
      if (template.split(place).length !== 2) throw new TypeError(`the page has no single place ${place}`);
  }

  render({ title, body, data }: PageContent, nonce: string): string {
    const block = `<script type="application/json" id="page-data" nonce="${nonce}">${asScriptText(data)}</script>`;
    // Functions, so that a `$&` in a text stays one; the nonce comes first, for what is put in after it is not ours.
    return this.template
      .replaceAll(NONCE, () => nonce)
      .replace(TITLE, () => `<title>${escapeText(title)}</title>`)
      .replace(/<!--rollcall:(content|data)-->/gu, (_place, which) => (which === 'content' ? body : block));
  }
}

/** JSON that no text in it can leave: not by a tag, not by a comment, not by a line that older scripts end at. */
function asScriptText(data: unknown): string {
  return JSON.stringify(data).replaceAll(
    /[<>&\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
