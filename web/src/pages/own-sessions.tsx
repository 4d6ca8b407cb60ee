import { Badge, Button, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { api, unwrap, type Schemas } from '../api.js';
import { Said } from '../parts/said.js';
import { Section } from '../parts/section.js';
import { TEXTS } from '../texts.js';
import { agoOf, timeOf } from '../times.js';
import { useAction } from '../use-action.js';
import { useLoaded } from '../use-loaded.js';

type Item = Schemas['SessionListItem'];

/** where one is signed in, each with a way to end it. */
export function OwnSessions(): ReactNode {
  const [sessions, again] = useLoaded(async () => unwrap(await api.GET('/api/v1/me/sessions')).items);
  const end = useAction(async (id: string) => {
    unwrap(await api.DELETE('/api/v1/me/sessions/{id}', { params: { path: { id } } }));
    again();
  });
  const endOthers = useAction(async () => {
    unwrap(await api.POST('/api/v1/me/sessions/end-others'));
    again();
  });
  const items = sessions.state === 'there' ? sessions.value : [];
  return (
    <Section title={TEXTS.account.sessions}>
      <Group justify="space-between" gap="xs" mb="xs">
        <Text size="sm" c="dimmed">
          {TEXTS.account.sessionsLead}
        </Text>
        {items.length > 1 && (
          <Button variant="default" size="xs" loading={endOthers.busy} onClick={() => endOthers.run()}>
            {TEXTS.account.endOthers}
          </Button>
        )}
      </Group>
      <Said problem={end.problem ?? endOthers.problem ?? (sessions.state === 'failed' ? sessions.problem : null)} />
      <ul className="rows">
        {items.map((item) => (
          <Row key={item.id} item={item} busy={end.busy} onEnd={() => end.run(item.id)} />
        ))}
      </ul>
    </Section>
  );
}

function Row({ item, busy, onEnd }: { item: Item; busy: boolean; onEnd: () => void }): ReactNode {
  return (
    <li>
      <div>
        <Text fw={600} className="break">
          {item.device}
        </Text>
        <Text size="sm" c="dimmed" className="break" title={timeOf(item.lastUsedAt)}>
          {TEXTS.account.strength[item.strength]} · {item.address} · {TEXTS.account.used(agoOf(item.lastUsedAt))}
        </Text>
      </div>
      {item.current ? (
        <Badge variant="light" tt="none">
          {TEXTS.account.thisOne}
        </Badge>
      ) : (
        <Button
          variant="default"
          size="xs"
          disabled={busy}
          onClick={onEnd}
          aria-label={TEXTS.account.endNamed(item.device)}
        >
          {TEXTS.account.end}
        </Button>
      )}
    </li>
  );
}
