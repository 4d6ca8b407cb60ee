import { Button, Group, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { api, unwrap, type Schemas } from '../api.js';
import { Copyable } from '../parts/copyable.js';
import { Said } from '../parts/said.js';
import { Section } from '../parts/section.js';
import { Waiting } from '../parts/waiting.js';
import { useAction } from '../use-action.js';
import { useLoaded } from '../use-loaded.js';
import { SET_UP } from './texts.js';
import { wrongFields } from './wrong.js';
import { useWrongFocus } from '../use-wrong-focus.js';

const T = SET_UP.domains;
type Domain = Schemas['Domain'];

/** More than these an organisation of this page does not have. */
const MOST = 200;

/** Whose addresses lead to the company's sign-in: shown by a record in the DNS. */
export function Domains(): ReactNode {
  const [domains, again] = useLoaded(async () => {
    return unwrap(await api.GET('/api/v1/domains', { params: { query: { limit: MOST } } })).items;
  });
  return (
    <Section title={T.title}>
      <Text c="dimmed">{T.lead}</Text>
      <Waiting of={[domains]} onAgain={again}>
        {() =>
          domains.state === 'there' && (
            <>
              <ul className="rows">
                {domains.value.map((domain) => (
                  <DomainRow key={domain.id} {...{ domain, again }} />
                ))}
              </ul>
              <AddDomain again={again} />
            </>
          )
        }
      </Waiting>
    </Section>
  );
}

function DomainRow({ domain, again }: { domain: Domain; again: () => void }): ReactNode {
  const { id, name, verifiedAt, dnsRecord } = domain;
  const [missed, setMissed] = useState(false);
  const check = useAction(async () => {
    const found = unwrap(await api.POST('/api/v1/domains/{id}/check', { params: { path: { id } } }));
    setMissed(found.verifiedAt === null);
    again();
  });
  return (
    <li className="domain">
      <Group justify="space-between" gap="xs">
        <Text fw={600} className="break">
          {name}
        </Text>
        <span className="badge" data-tone={verifiedAt === null ? 'none' : 'good'}>
          {verifiedAt === null ? T.waiting : T.verified}
        </span>
      </Group>
      {verifiedAt === null && (
        <>
          <Text size="sm">{T.record}</Text>
          <div className="copyables">
            <Copyable label={T.type} value={dnsRecord.type} />
            <Copyable label={T.name} value={dnsRecord.name} />
            <Copyable label={T.value} value={dnsRecord.value} />
          </div>
          <Text size="sm" role="status">
            {missed && !check.busy ? T.notYet : ''}
          </Text>
          <Said problem={check.problem} />
          <Group>
            <Button
              variant="default"
              size="sm"
              loading={check.busy}
              onClick={() => check.run()}
              aria-label={T.checkNamed(name)}
            >
              {T.check}
            </Button>
          </Group>
        </>
      )}
    </li>
  );
}

function AddDomain({ again }: { again: () => void }): ReactNode {
  const [name, setName] = useState('');
  const [sent, setSent] = useState(false);
  const add = useAction(async () => {
    unwrap(await api.POST('/api/v1/domains', { body: { name: name.trim() } }));
    setName('');
    setSent(false);
    again();
  });
  const [form, wrongNow] = useWrongFocus(add.problem);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setSent(true);
    add.forget();
    if (name.trim() !== '') add.run();
    else wrongNow();
  };
  const empty = sent && name.trim() === '' ? SET_UP.needed : null;
  const wrong = wrongFields(add.problem)['name'] ?? null;
  return (
    <form ref={form} onSubmit={submit} noValidate className="add-domain">
      <TextInput
        label={T.addLabel}
        description={T.addHint}
        name="domain"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={253}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={empty ?? wrong}
      />
      {wrong === null && <Said problem={add.problem} />}
      <Group mt="sm">
        <Button type="submit" variant="default" loading={add.busy}>
          {T.add}
        </Button>
      </Group>
    </form>
  );
}
