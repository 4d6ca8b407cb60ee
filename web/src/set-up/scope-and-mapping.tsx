import { Button, Group, Stack, Text } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { api, unwrap } from '../api.js';
import { Choices } from '../parts/choices.js';
import { Said } from '../parts/said.js';
import { useAction } from '../use-action.js';
import type { Connection, Kind } from './directory.js';
import { FieldInputs } from './field-inputs.js';
import { MappingFields } from './mapping-fields.js';
import { filledFrom, valueOf, variantsOf, type Filled } from './schema.js';
import { SET_UP } from './texts.js';
import { wrongFields } from './wrong.js';
import { useWrongFocus } from '../use-wrong-focus.js';

const T = SET_UP.directory;

interface Props {
  kind: Kind;
  connection: Connection;
  onSaved: () => void;
}

/** Who of the directory comes here, and with what. Saved as one, and the preview of it is asked for at once. */
export function ScopeAndMapping({ kind, connection, onSaved }: Props): ReactNode {
  const { id, settings, version } = connection;
  const variants = variantsOf(kind.scopeSchema);
  const [scopeKind, setScopeKind] = useState(
    variants.find(({ by, value }) => settings.scope[by] === value)?.value ?? null,
  );
  const [filled, setFilled] = useState<Filled>({});
  const [mapping, setMapping] = useState(settings.mapping);
  const [newPeopleAre, setNewPeopleAre] = useState(settings.policy.newPeopleAre);
  const [sent, setSent] = useState(false);
  const variant = variants.find(({ value }) => value === scopeKind);
  const shown = variant === undefined ? {} : { ...filledFrom(variant, settings.scope), ...filled };
  const save = useAction(async () => {
    const path = { params: { path: { id } } };
    const scope = variant === undefined ? settings.scope : valueOf(variant, shown);
    const body = { scope, mapping, policy: { newPeopleAre }, version };
    unwrap(await api.PATCH('/api/v1/connections/{id}', { ...path, body }));
    unwrap(await api.POST('/api/v1/connections/{id}/previews', path));
    onSaved();
  });
  const empty = (variant?.fields ?? []).filter(({ name, required }) => required && (shown[name] ?? '').trim() === '');
  const missing = Object.fromEntries(empty.map(({ name }) => [name, SET_UP.needed]));
  const [form, wrongNow] = useWrongFocus(save.problem);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setSent(true);
    save.forget();
    if (empty.length === 0) save.run();
    else wrongNow();
  };
  const wrong = wrongFields(save.problem);
  return (
    <form ref={form} onSubmit={submit} noValidate>
      <Stack gap="lg">
        <Text>{T.scopeLead}</Text>
        <Choices
          legend={T.scopeLegend}
          choices={variants.map(({ value, title, hint }) => ({ value, title, hint }))}
          value={scopeKind}
          onChange={setScopeKind}
        />
        <FieldInputs
          fields={variant?.fields ?? []}
          filled={shown}
          onChange={setFilled}
          wrong={{ ...wrong, ...(sent ? missing : {}) }}
          stored
        />
        <Choices
          legend={T.newPeople}
          choices={(['active', 'pending'] as const).map((value) => ({ value, title: T.newPeopleAre[value] }))}
          value={newPeopleAre}
          onChange={(value) => setNewPeopleAre(value === 'pending' ? 'pending' : 'active')}
        />
        <MappingFields {...{ id, mapping, wrong }} onChange={setMapping} />
        <Said problem={save.problem} />
        <Group>
          <Button type="submit" loading={save.busy}>
            {T.previewGo}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
