import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { Pages, RefusalPage } from '../common/page.types.js';
import { contentPolicy } from './content-policy.js';
import { escapeText } from './escape-text.js';
import { PageShell, type PageContent } from './page-shell.js';

const PAGE: PageContent = {
  title: 'Rollcall',
  body:
    '<main class="starting"><p>The page is on its way. If nothing comes, load it again.</p>' +
    '<noscript><h1>Rollcall</h1><p>This page needs JavaScript. Switch it on for this site, then load it again.</p></noscript></main>',
  data: null,
};

/** Every page is the same document; its scripts look at the address and at the data that came along. */
@Injectable()
export class WebPages implements Pages {
  constructor(private readonly shell: PageShell) {}

  page(response: Response): void {
    this.send(response, 200, PAGE);
  }

  /** Says it in the document too, for browsers without scripts. */
  refusal(response: Response, { status, code, sentence, requestId }: RefusalPage): void {
    this.send(response, status, {
      title: 'You are not signed in – Rollcall',
      body: `<main><h1>You are not signed in</h1><p>${escapeText(sentence)}</p><p>Code for your admin: ${escapeText(code)}, ${escapeText(requestId)}</p><p><a href="/sign-in">Back to sign-in</a></p></main>`,
      data: { page: 'refused', code, sentence, requestId },
    });
  }

  private send(response: Response, status: number, content: PageContent): void {
    const nonce = randomBytes(16).toString('base64');
    response
      .status(status)
      .setHeader('Content-Security-Policy', contentPolicy(nonce))
      .type('html')
      .send(this.shell.render(content, nonce));
  }
}
