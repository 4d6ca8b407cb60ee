import './set-up.css';
import '@mantine/core/styles/InlineInput.css';
import '@mantine/core/styles/Checkbox.css';
import '@mantine/core/styles/Progress.css';
import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Brand, PageTitle } from '../parts/frame.js';
import { TEXTS } from '../texts.js';
import { timeOf } from '../times.js';
import { Directory } from './directory.js';
import { Domains } from './domains.js';
import { Sso } from './sso.js';
import { SET_UP } from './texts.js';

export interface SetUpSession {
  organisation: string;
  kinds: readonly ('sso' | 'directory')[];
  endsAt: string;
}

/** All that a set-up link lets somebody do, on one page. What is saved is the service's: the page can be loaded again at any time. */
export function Opened({ session: { organisation, kinds, endsAt } }: { session: SetUpSession }): ReactNode {
  return (
    <div className="frame frame-wide">
      <main className="column">
        <Brand />
        <Stack gap="lg">
          <div>
            <PageTitle>{SET_UP.title(organisation)}</PageTitle>
            <Text c="dimmed">{SET_UP.until(timeOf(endsAt))}</Text>
          </div>
          {kinds.includes('directory') && <Directory />}
          {kinds.includes('sso') && <Sso withDirectory={kinds.includes('directory')} />}
          {kinds.includes('sso') && <Domains />}
        </Stack>
      </main>
      <footer className="foot column">{TEXTS.footer}</footer>
    </div>
  );
}
