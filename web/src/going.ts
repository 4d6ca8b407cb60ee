/** Where whoever came here wanted to go; the service judges it. */
export function wantedPlace(): { returnTo?: string } {
  const returnTo = new URLSearchParams(location.search).get('returnTo');
  return returnTo === null ? {} : { returnTo };
}

/** Goes to a page of this installation. Anything else that an answer may name is not gone to. */
export function goTo(path: string): void {
  const url = new URL(path, location.origin);
  location.assign(url.origin === location.origin ? url.href : '/account');
}

/** Goes to a provider's page; never to what is no page at all. */
export function leaveFor(address: string): void {
  location.assign(pageAt(address).href);
}

/** The session ended while its page was open. Whoever came by a set-up link has nothing to sign in with: they read why. */
export function sessionOver(): void {
  if (location.pathname === '/set-up') location.reload();
  else goToSignIn();
}

export function goToSignIn(): void {
  const here = location.pathname === '/account' ? '' : `?returnTo=${encodeURIComponent(location.pathname)}`;
  location.assign(`/sign-in${here}`);
}

/** A tab of its own for a provider's page. Opened at the press already: later, browsers take it for an advertisement. */
export function opens(): { go: (address: string) => void; close: () => void } {
  const tab = window.open('', '_blank');
  return {
    go: (address) => {
      const url = pageAt(address);
      if (tab) tab.location.href = url.href;
      else location.assign(url.href);
    },
    close: () => tab?.close(),
  };
}

function pageAt(address: string): URL {
  const url = new URL(address, location.origin);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new TypeError('a provider’s address is no web page');
  return url;
}
