import type { Response } from 'express';

/** The token of `Pages`. */
export const PAGES = Symbol('rollcall:pages');

/** What a page says to somebody who was not let in. */
export interface RefusalPage {
  /** HTTP status of the page. */
  status: number;
  /** One of a closed list. */
  code: string;
  /** What it means for the reader, and what to do. */
  sentence: string;
  requestId: string;
}

/** Answers that are read in a browser, for whoever answers a browser without a page of its own. */
export interface Pages {
  refusal(response: Response, page: RefusalPage): void;
}
