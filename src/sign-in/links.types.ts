/** Somebody who asks for a link, whoever that is. */
export interface LinkRequest {
  /** As typed. */
  email: string;
  /** Where to go afterwards, as it was asked for. */
  returnTo: string | null;
  /** Secret of the browser that asks: it alone can use the link. */
  browser: string;
  /** Where the request came from. */
  address: string;
}

/** A link that is shown at the command line. */
export interface ShownLink {
  url: string;
  expiresAt: Date;
}
