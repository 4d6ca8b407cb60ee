import { Alert, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Schemas } from '../api.js';
import { TEXTS } from '../texts.js';
import { timeOf } from '../times.js';

type Look = Schemas['InvitationLook'];

const T = TEXTS.invitation;

/** Who invites, and to what. Names and messages are of others: each keeps its own direction. */
export function InvitedTo({ look }: { look: Look }): ReactNode {
  const { email, firstName, lastName, position, team, message } = look;
  const name = [firstName, lastName].filter((part) => part !== null).join(' ');
  const facts: readonly [string, string | null][] = [
    [T.facts.email, email],
    [T.facts.name, name === '' ? null : name],
    [T.facts.position, position],
    [T.facts.team, team],
    [T.facts.until, timeOf(look.expiresAt)],
  ];
  return (
    <Stack gap="sm">
      <Text className="break">
        <bdi>{look.inviter}</bdi> {message === null ? T.from : T.fromMessage}
      </Text>
      {message !== null && (
        <blockquote className="break message" dir="auto">
          {message}
        </blockquote>
      )}
      <dl className="facts">
        {facts.map(([what, value]) =>
          value === null ? null : (
            <div key={what}>
              <dt>{what}</dt>
              <dd>
                <bdi>{value}</bdi>
              </dd>
            </div>
          ),
        )}
      </dl>
      {look.admin && <Text size="sm">{T.admin}</Text>}
    </Stack>
  );
}

/** I-22: nobody joins as one while they are signed in as another, without a word. */
export function SignedInElsewhere({ email, organisation }: NonNullable<Look['signedIn']>): ReactNode {
  return (
    <Alert color="yellow" variant="light" title={T.signedInTitle}>
      <Text size="sm" className="break">
        {T.signedInAs} <bdi>{email}</bdi> {T.at} <bdi>{organisation}</bdi>. {T.replacing}
      </Text>
    </Alert>
  );
}
