import { Button, Checkbox, Group, Stack, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { api, unwrap } from '../api.js';
import { Said } from '../parts/said.js';
import { Steps } from '../parts/steps.js';
import { useAction } from '../use-action.js';
import { useLoaded } from '../use-loaded.js';
import type { Presets, Provider } from './sso.js';
import { SET_UP } from './texts.js';
import { wrongFields } from './wrong.js';
import { useWrongFocus } from '../use-wrong-focus.js';

const T = SET_UP.sso;

interface Filled {
  name: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
}

interface Props {
  preset: Presets['items'][number];
  /** Of what is made next, as it stands in the steps. */
  id: string;
  provider: Provider | null;
  withDirectory: boolean;
  onSaved: () => void;
}

/** What to do in the provider's own console, with the values to copy, and what it gives in return. */
export function ProviderForm({ preset, id, provider, withDirectory, onSaved }: Props): ReactNode {
  const [filled, setFilled] = useState<Filled>(() => filledFrom(provider, preset.title));
  const directory = useDirectoryOf(preset.provider, withDirectory);
  const [same, setSame] = useState<boolean | null>(provider === null ? null : provider.connectionId !== null);
  const [sent, setSent] = useState(false);
  const asked = preset.issuer === null;
  const missing = neededOf(asked, provider === null).filter((field) => filled[field].trim() === '');
  const save = useAction(async () => {
    const connectionId = directory !== null && (same ?? true) ? directory.id : null;
    const given = sending(filled, asked);
    const body = { ...given, preset: preset.preset, id, ...(connectionId === null ? {} : { connectionId }) };
    if (provider === null) unwrap(await api.POST('/api/v1/identity-providers', { body }));
    else
      unwrap(
        await api.PATCH('/api/v1/identity-providers/{id}', {
          params: { path: { id: provider.id } },
          body: { ...given, version: provider.version, ...(directory === null ? {} : { connectionId }) },
        }),
      );
    onSaved();
  });
  const [form, wrongNow] = useWrongFocus(save.problem);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setSent(true);
    save.forget();
    if (missing.length === 0) save.run();
    else wrongNow();
  };
  const wrong = wrongFields(save.problem);
  const field = (name: keyof Filled, hint: string | null, type = 'text'): ReactNode => (
    <TextInput
      {...{ label: T.fields[name], name, type, size: 'md', maxLength: 1_000 }}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      description={hint}
      value={filled[name]}
      onChange={({ currentTarget: { value } }) => setFilled((before) => ({ ...before, [name]: value }))}
      error={(sent && missing.includes(name) ? SET_UP.needed : null) ?? wrong[name] ?? null}
    />
  );
  return (
    <form ref={form} onSubmit={submit} noValidate>
      <Stack gap="lg">
        <div>
          <h4>{T.steps}</h4>
          {provider === null ? <Steps steps={preset.steps} /> : <OwnSteps provider={provider} />}
        </div>
        <Stack gap="md">
          <h4>{T.enter}</h4>
          {asked && field('issuer', preset.issuerHint)}
          {field('clientId', null)}
          {field('clientSecret', provider === null ? T.secretHint : T.secretKept, 'password')}
          {field('name', T.nameHint)}
          {directory !== null && (
            <Checkbox
              size="md"
              label={T.same(directory.name)}
              description={T.sameHint}
              checked={same ?? true}
              onChange={(event) => setSame(event.currentTarget.checked)}
            />
          )}
          {Object.keys(wrong).length === 0 && <Said problem={save.problem} />}
          <Group>
            <Button type="submit" loading={save.busy}>
              {T.save}
            </Button>
          </Group>
        </Stack>
      </Stack>
    </form>
  );
}

function neededOf(asked: boolean, first: boolean): (keyof Filled)[] {
  return ['name', ...(asked ? (['issuer'] as const) : []), 'clientId', ...(first ? (['clientSecret'] as const) : [])];
}

function filledFrom(provider: Provider | null, title: string): Filled {
  if (provider === null) return { name: title, issuer: '', clientId: '', clientSecret: '' };
  const { name, issuer, clientId } = provider;
  return { name, issuer, clientId, clientSecret: '' };
}

function sending(
  filled: Filled,
  asked: boolean,
): { name: string; clientId: string; issuer?: string; clientSecret?: string } {
  const { name, issuer, clientId, clientSecret } = filled;
  return {
    name: name.trim(),
    clientId: clientId.trim(),
    ...(asked ? { issuer: issuer.trim() } : {}),
    ...(clientSecret === '' ? {} : { clientSecret: clientSecret.trim() }),
  };
}

/** The connection made by the same link whose people sign in here, where there is one. */
function useDirectoryOf(kind: string | null, withDirectory: boolean): { id: string; name: string } | null {
  const [connections] = useLoaded(async () => {
    return withDirectory && kind !== null ? unwrap(await api.GET('/api/v1/connections')).items : [];
  });
  if (connections.state !== 'there') return null;
  return connections.value.find(({ provider, credentials }) => provider === kind && credentials !== null) ?? null;
}

function OwnSteps({ provider: { id, version } }: { provider: Provider }): ReactNode {
  return <LoadedSteps key={version} id={id} />;
}

function LoadedSteps({ id }: { id: string }): ReactNode {
  const [steps] = useLoaded(async () => {
    return unwrap(await api.GET('/api/v1/identity-providers/{id}/steps', { params: { path: { id } } })).items;
  });
  if (steps.state === 'failed') return <Said problem={steps.problem} />;
  return steps.state === 'there' ? <Steps steps={steps.value} /> : null;
}
