import { Button, Loader, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { TEXTS } from '../texts.js';
import type { Loaded } from '../use-loaded.js';
import { Said } from './said.js';

interface Props {
  of: readonly Loaded<unknown>[];
  onAgain: () => void;
  children: () => ReactNode;
}

/** What was asked for, once all of it is there; until then that it comes, or why it does not. */
export function Waiting({ of, onAgain, children }: Props): ReactNode {
  const failed = of.find((each) => each.state === 'failed');
  if (failed?.state === 'failed')
    return (
      <Stack mt="md" align="flex-start">
        <Said problem={failed.problem} />
        <Button variant="default" onClick={onAgain}>
          {TEXTS.tryAgain}
        </Button>
      </Stack>
    );
  if (of.some((each) => each.state === 'loading'))
    return <Loader mt="md" size="sm" aria-label={TEXTS.loading} role="status" />;
  return children();
}
