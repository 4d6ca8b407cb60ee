import type { ReactNode } from 'react';
import { pageData } from './page-data.js';
import { Account } from './pages/account.js';
import { First } from './pages/first.js';
import { Invitation } from './pages/invitation.js';
import { RefusedPage } from './pages/refused.js';
import { SetUp } from './pages/set-up.js';
import { SignIn } from './pages/sign-in.js';
import { SignedOut } from './pages/signed-out.js';
import { UseLink } from './pages/use-link.js';

const PAGES: Record<string, () => ReactNode> = {
  '/sign-in': () => <SignIn slug={null} />,
  '/sign-in/link': () => <UseLink />,
  '/sign-in/first': () => <First />,
  '/sign-in/refused': () => <RefusedPage data={null} />,
  '/signed-out': () => <SignedOut />,
  '/set-up': () => <SetUp />,
  '/invitation': () => <Invitation />,
  '/account': () => <Account />,
};

/** Which page this is: what the service said with it, else its address. */
export function App(): ReactNode {
  const data = pageData();
  if (data !== null) return <RefusedPage data={data} />;
  const page = PAGES[location.pathname.replace(/\/$/u, '')];
  if (page) return page();
  return <SignIn slug={decodeURIComponent(location.pathname.split('/')[2] ?? '')} />;
}
