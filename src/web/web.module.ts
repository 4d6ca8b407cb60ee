import { fileURLToPath } from 'node:url';
import { Global, Module } from '@nestjs/common';
import { PAGES } from '../common/page.types.js';
import { AssetsController } from './assets.controller.js';
import { Assets } from './assets.js';
import { CspReportsController } from './csp-reports.controller.js';
import { PageShell } from './page-shell.js';
import { PagesController } from './pages.controller.js';
import { SecurityTxtController } from './security-txt.controller.js';
import { WebPages } from './web-pages.service.js';

/** Where `npm run build` leaves the pages; the same whether this runs from src/ or from dist/. */
export const BUILT_PAGES = fileURLToPath(new URL('../../dist/pages', import.meta.url));

/** The pages that people open in a browser, and what they are made of. */
@Global()
@Module({
  controllers: [PagesController, AssetsController, CspReportsController, SecurityTxtController],
  providers: [
    { provide: PageShell, useFactory: () => PageShell.from(BUILT_PAGES) },
    { provide: Assets, useFactory: () => new Assets(BUILT_PAGES) },
    WebPages,
    { provide: PAGES, useExisting: WebPages },
  ],
  exports: [PAGES],
})
export class WebModule {}
