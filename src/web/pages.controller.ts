import { Controller, Get, Query, Redirect, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { Public } from '../auth/requires.decorator.js';
import { WebPages } from './web-pages.service.js';

/** Whatever comes behind an address, a page is shown: providers and mail programs add to it. Its scripts read what they know. */
const Anything = z.looseObject({});
type Anything = z.infer<typeof Anything>;

/** The addresses that people open in a browser. None of them shows anything of anybody: what they show, they ask for. */
@ApiExcludeController()
@Controller()
export class PagesController {
  constructor(private readonly pages: WebPages) {}

  @Get()
  @Public('leads to a page')
  @Redirect('/account', 303)
  home(@Query({ schema: Anything }) _query: Anything): void {}

  @Get(['sign-in', 'sign-in/link', 'sign-in/first', 'sign-in/refused', 'sign-in/:slug'])
  @Public('a page that holds nothing of anybody')
  signIn(@Query({ schema: Anything }) _query: Anything, @Res() response: Response): void {
    this.pages.page(response);
  }

  @Get(['signed-out', 'set-up', 'invitation', 'account'])
  @Public('a page that holds nothing of anybody')
  other(@Query({ schema: Anything }) _query: Anything, @Res() response: Response): void {
    this.pages.page(response);
  }
}
