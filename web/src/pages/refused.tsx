import { Button, CopyButton, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import type { RefusedData } from '../page-data.js';
import { Frame, PageTitle } from '../parts/frame.js';
import { TEXTS } from '../texts.js';

/** @param data What the service said; null when the page was opened by itself. */
export function RefusedPage({ data }: { data: RefusedData | null }): ReactNode {
  useEffect(() => {
    // What the provider sent along is used up, and nobody's to see in the history.
    history.replaceState(null, '', '/sign-in/refused');
  }, []);
  return (
    <Frame>
      <Stack gap="lg">
        <PageTitle>{TEXTS.refused.title}</PageTitle>
        <Text className="break" role="alert">
          {data?.sentence ?? TEXTS.refused.unknown}
        </Text>
        <Button component="a" href="/sign-in" size="md" fullWidth>
          {TEXTS.backToSignIn}
        </Button>
        {data !== null && <CodeForAdmin code={`${data.code} ${data.requestId}`} />}
      </Stack>
    </Frame>
  );
}

function CodeForAdmin({ code }: { code: string }): ReactNode {
  return (
    <Group gap="xs" justify="space-between" wrap="nowrap" align="flex-start">
      <Text size="xs" c="dimmed" className="break">
        {TEXTS.code}
        <br />
        <span className="mono">{code}</span>
      </Text>
      <CopyButton value={code}>
        {({ copied, copy }) => (
          <Button variant="subtle" size="compact-sm" onClick={copy} className="fixed">
            {copied ? TEXTS.refused.copied : TEXTS.refused.copy}
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}
