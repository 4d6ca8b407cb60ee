import { Button, Group, Stack, Text } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { api, unwrap, type Schemas } from '../api.js';
import { Choices } from '../parts/choices.js';
import { Said } from '../parts/said.js';
import { Steps } from '../parts/steps.js';
import { useAction } from '../use-action.js';
import { useLoaded } from '../use-loaded.js';
import { methodOf, type Connection, type Kind } from './directory.js';
import { FieldInputs } from './field-inputs.js';
import { comesLater, filledFrom, valueOf, variantsOf, type Field, type Filled, type Variant } from './schema.js';
import { SET_UP } from './texts.js';
import { wrongFields } from './wrong.js';
import { useWrongFocus } from '../use-wrong-focus.js';

const T = SET_UP.directory;

interface Props {
  kind: Kind;
  connection: Connection | null;
  onSaved: () => void;
}

/**
 * What to do in the directory's own console, and what it gives in return. Some of it comes in two turns: what we make here,
 * such as a key, is wanted there first.
 */
export function Credentials({ kind, connection, onSaved }: Props): ReactNode {
  const ways = kind.methods.flatMap(({ method }) =>
    variantsOf(kind.credentialsSchema).filter(({ value }) => value === method),
  );
  const used = methodOf(kind, connection);
  const [method, setMethod] = useState(used?.value ?? ways[0]?.value ?? null);
  const way = ways.find(({ value }) => value === method) ?? used;
  if (way === null) return null;
  const stored = used?.value === way.value ? connection : null;
  return (
    <Stack gap="lg">
      {ways.length > 1 && (
        <Choices
          legend={T.accessLegend}
          choices={ways.map(({ value, title, hint }) => ({ value, title, hint }))}
          value={way.value}
          onChange={setMethod}
        />
      )}
      <Way key={way.value} {...{ kind, way, connection, stored, onSaved }} />
    </Stack>
  );
}

type WayProps = Props & { way: Variant; stored: Connection | null };

function Way({ kind, way, connection, stored, onSaved }: WayProps): ReactNode {
  const makes = makesSomething(way);
  // What is made here has to be made before there is anything to copy.
  const first = makes && stored === null;
  const planned = kind.methods.find(({ method }) => method === way.value)?.setUpSteps ?? [];
  return (
    <>
      {first ? null : stored === null ? <StepsPart steps={planned} /> : <OwnSteps connection={stored} />}
      <CredentialsForm {...{ kind, way, connection, stored, onSaved }} />
    </>
  );
}

function StepsPart({ steps }: { steps: Kind['setUpSteps'] }): ReactNode {
  return (
    <div>
      <h4>{T.steps}</h4>
      <Steps steps={steps} />
    </div>
  );
}

/** Asked for anew whenever the credentials are: they hold what was made of them. */
function OwnSteps({ connection: { id, credentials } }: { connection: Connection }): ReactNode {
  return <LoadedSteps key={credentials?.setAt ?? ''} id={id} />;
}

function LoadedSteps({ id }: { id: string }): ReactNode {
  const [steps] = useLoaded(async () => {
    return unwrap(await api.GET('/api/v1/connections/{id}/set-up-steps', { params: { path: { id } } })).items;
  });
  if (steps.state === 'failed') return <Said problem={steps.problem} />;
  return steps.state === 'there' ? <StepsPart steps={steps.value} /> : null;
}

function CredentialsForm({ kind, way, connection, stored, onSaved }: WayProps): ReactNode {
  const [filled, setFilled] = useState<Filled>(() => filledFrom(way, stored?.credentials?.shown ?? {}));
  const [sent, setSent] = useState(false);
  const fields = way.fields.filter((field) => stored !== null || !comesLater(field));
  const later = stored === null && way.fields.some((field) => comesLater(field) && field.kind !== 'switch');
  const missing = Object.fromEntries(
    fields
      .filter((field) => isNeeded(field, stored !== null) && (filled[field.name] ?? '').trim() === '')
      .map(({ name }) => [name, SET_UP.needed]),
  );
  const save = useAction(async () => {
    const credentials = valueOf({ ...way, fields }, filled);
    unwrap(await (connection === null ? made(kind, credentials) : set(connection.id, credentials)));
    setSent(false);
    onSaved();
  });
  const [form, wrongNow] = useWrongFocus(save.problem);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setSent(true);
    save.forget();
    if (Object.keys(missing).length === 0) save.run();
    else wrongNow();
  };
  const wrong = { ...wrongFields(save.problem), ...(sent ? missing : {}) };
  return (
    <form ref={form} onSubmit={submit} noValidate>
      <Stack gap="md">
        <h4>{T.enter}</h4>
        <FieldInputs {...{ fields, filled, wrong }} stored={stored !== null} onChange={setFilled} />
        {later && (
          <Text size="sm" c="dimmed">
            {T.more}
          </Text>
        )}
        {Object.keys(wrongFields(save.problem)).length === 0 && <Said problem={save.problem} />}
        <Group>
          <Button type="submit" loading={save.busy}>
            {T.begin}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function made(kind: Kind, credentials: Record<string, unknown>) {
  const body: Schemas['CreateConnection'] = { provider: kind.provider, name: kind.title, credentials };
  return api.POST('/api/v1/connections', { body });
}

function set(id: string, credentials: Record<string, unknown>) {
  return api.PUT('/api/v1/connections/{id}/credentials', { params: { path: { id } }, body: { credentials } });
}

/** What is stored stays; what comes only now is what this turn is for. */
function isNeeded(field: Field, stored: boolean): boolean {
  if (field.kind === 'switch') return false;
  return field.required || (field.secret ? !stored : comesLater(field));
}

/** A way that has to be saved before the console can be told of it. */
function makesSomething({ fields }: Variant): boolean {
  return fields.some((field) => comesLater(field) && field.kind !== 'switch');
}
