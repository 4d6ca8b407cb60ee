import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { api, unwrap, type Schemas } from '../api.js';
import { Picks } from '../parts/picks.js';
import { Said } from '../parts/said.js';
import { Section } from '../parts/section.js';
import { Stage } from '../parts/stage.js';
import { Waiting } from '../parts/waiting.js';
import { useAction } from '../use-action.js';
import { useLoaded } from '../use-loaded.js';
import { useSearchParam } from '../use-search-param.js';
import { ProviderForm } from './provider-form.js';
import { ProviderTest } from './provider-test.js';
import { SET_UP } from './texts.js';
import { useStages } from './use-stages.js';

export type Presets = Schemas['SignInPresets'];
export type Provider = Schemas['IdentityProvider'];

const T = SET_UP.sso;
type Step = 'choose' | 'make' | 'test' | 'enable';
const STEPS: readonly Step[] = ['choose', 'make', 'test', 'enable'];

/** @param withDirectory Whether the link is for the directory too: its people can then be known by the directory's own id. */
export function Sso({ withDirectory }: { withDirectory: boolean }): ReactNode {
  // The id of what is made next stands in the address: what was copied into a console from the steps stays right.
  const [id, keepId] = useSearchParam('provider');
  const [providers, again] = useLoaded(async () => unwrap(await api.GET('/api/v1/identity-providers')).items);
  const [presets, presetsAgain] = useLoaded(async () => {
    const query = id === null ? {} : { id };
    return unwrap(await api.GET('/api/v1/sign-in-presets', { params: { query } }));
  });
  const nextId = presets.state === 'there' ? presets.value.id : null;
  useEffect(() => {
    if (id === null && nextId !== null) keepId(nextId);
  }, [id, nextId]);
  return (
    <Section title={T.title}>
      <Text c="dimmed">{T.lead}</Text>
      <Waiting of={[providers, presets]} onAgain={() => (again(), presetsAgain())}>
        {() =>
          providers.state === 'there' &&
          presets.state === 'there' && (
            <Steps presets={presets.value} provider={providers.value[0] ?? null} {...{ withDirectory, again }} />
          )
        }
      </Waiting>
    </Section>
  );
}

interface StepsProps {
  presets: Presets;
  provider: Provider | null;
  withDirectory: boolean;
  again: () => void;
}

function Steps({ presets, provider, withDirectory, again }: StepsProps): ReactNode {
  const [chosen, choose] = useSearchParam('preset');
  const name = provider?.preset ?? chosen;
  const preset = presets.items.find((each) => each.preset === name) ?? null;
  const { stage, change, close } = useStages(STEPS, stepOf(provider, preset !== null));
  return (
    <ol className="stages">
      <Stage
        {...stage('choose')}
        title={T.choose}
        summary={preset?.title}
        {...(provider === null ? change('choose', T.choose) : {})}
      >
        <Picks
          label={T.chooseLegend}
          picks={presets.items.map(({ preset: value, title }) => ({ value, title }))}
          value={name}
          onPick={(value) => {
            choose(value);
            close();
          }}
        />
      </Stage>
      <Stage
        {...stage('make')}
        title={T.make}
        summary={provider?.name}
        {...(provider?.state === 'active' ? {} : change('make', T.make))}
      >
        {preset !== null && (
          <ProviderForm
            key={preset.preset}
            {...{ preset, provider, withDirectory }}
            id={presets.id}
            onSaved={() => {
              close();
              again();
            }}
          />
        )}
      </Stage>
      <Stage {...stage('test')} title={T.test} summary={T.passed} {...change('test', T.test, T.testAgain)}>
        {provider !== null && (
          <ProviderTest
            provider={provider}
            onDone={() => {
              close();
              again();
            }}
          />
        )}
      </Stage>
      <Stage {...stage('enable')} title={T.enable} over={provider?.state === 'active'}>
        {provider !== null && <Enable {...{ provider, again }} />}
      </Stage>
    </ol>
  );
}

function stepOf(provider: Provider | null, chosen: boolean): Step {
  if (provider === null) return chosen ? 'make' : 'choose';
  return provider.state === 'setup' && provider.testedAt === null ? 'test' : 'enable';
}

function Enable({ provider: { id, name, state }, again }: { provider: Provider; again: () => void }): ReactNode {
  const enable = useAction(async () => {
    unwrap(await api.POST('/api/v1/identity-providers/{id}/enable', { params: { path: { id } } }));
    again();
  });
  if (state === 'active')
    return (
      <Alert color="pine" variant="light" title={T.on} role="status">
        {T.onLead(name)}
      </Alert>
    );
  return (
    <Stack gap="md">
      <Text>{state === 'disabled' ? T.off : T.enableLead}</Text>
      <Said problem={enable.problem} />
      <Group>
        <Button loading={enable.busy} onClick={() => enable.run()}>
          {T.enableGo}
        </Button>
      </Group>
    </Stack>
  );
}
