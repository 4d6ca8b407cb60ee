import { Button, Stack, Text } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { TEXTS } from '../texts.js';
import { Frame, PageTitle } from './frame.js';

/** A fault of ours, or a part of the page that could not be had, ends in a page that says so and not in an empty one. */
export class FaultBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return (
      <Frame>
        <Stack gap="lg">
          <PageTitle>{TEXTS.broken.title}</PageTitle>
          <Text role="alert">{TEXTS.broken.lead}</Text>
          <Button size="md" fullWidth onClick={() => location.reload()}>
            {TEXTS.broken.go}
          </Button>
        </Stack>
      </Frame>
    );
  }
}
