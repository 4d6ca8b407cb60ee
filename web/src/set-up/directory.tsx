import { Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { api, unwrap, type Schemas } from '../api.js';
import { Picks } from '../parts/picks.js';
import { Section } from '../parts/section.js';
import { Stage } from '../parts/stage.js';
import { Waiting } from '../parts/waiting.js';
import { useLoaded } from '../use-loaded.js';
import { useSearchParam } from '../use-search-param.js';
import { ConnectionTest } from './connection-test.js';
import { Credentials } from './credentials.js';
import { DirectoryPreview } from './directory-preview.js';
import { isWhole, variantsOf, type Variant } from './schema.js';
import { ScopeAndMapping } from './scope-and-mapping.js';
import { SET_UP } from './texts.js';
import { useStages } from './use-stages.js';

export type Connection = Schemas['Connection'];
export type Kind = Schemas['ConnectionKinds']['items'][number];
export type Run = Schemas['Run'];

const T = SET_UP.directory;
type Step = 'choose' | 'access' | 'test' | 'scope' | 'preview';
const STEPS: readonly Step[] = ['choose', 'access', 'test', 'scope', 'preview'];

/** What there is of the directory so far: the connection that was made by this link, and its newest run. */
interface Made {
  connection: Connection | null;
  run: Run | null;
}

/** Directory Sync from the choice of a directory to the sync that runs. */
export function Directory(): ReactNode {
  const [made, again] = useLoaded(whatWasMade);
  const [kinds, kindsAgain] = useLoaded(async () => unwrap(await api.GET('/api/v1/connection-kinds')).items);
  const [chosen, choose] = useSearchParam('directory');
  return (
    <Section title={T.title}>
      <Text c="dimmed">{T.lead}</Text>
      <Waiting of={[made, kinds]} onAgain={() => (again(), kindsAgain())}>
        {() =>
          made.state === 'there' &&
          kinds.state === 'there' && (
            <Steps
              {...{ made: made.value, kinds: kinds.value, again, choose }}
              chosen={made.value.connection?.provider ?? chosen}
            />
          )
        }
      </Waiting>
    </Section>
  );
}

async function whatWasMade(): Promise<Made> {
  const connection = unwrap(await api.GET('/api/v1/connections')).items[0] ?? null;
  if (connection === null) return { connection, run: null };
  const query = { connectionId: connection.id, limit: 1 };
  return { connection, run: unwrap(await api.GET('/api/v1/runs', { params: { query } })).items[0] ?? null };
}

interface StepsProps {
  made: Made;
  kinds: readonly Kind[];
  chosen: string | null;
  choose: (provider: string | null) => void;
  again: () => void;
}

function Steps({ made: { connection, run }, kinds, chosen, choose, again }: StepsProps): ReactNode {
  const kind = kinds.find(({ provider }) => provider === chosen) ?? null;
  const method = kind === null ? null : methodOf(kind, connection);
  const [tested, setTested] = useState(false);
  const { stage, change, close } = useStages(STEPS, stepOf(kind, { connection, run }, tested));
  const onward = (): void => {
    close();
    again();
  };
  // What was started is changed by admins, who see what it does to people.
  const open = run === null || run.confirms === null;
  return (
    <ol className="stages">
      <Stage
        {...stage('choose')}
        title={T.choose}
        summary={kind?.title}
        {...(connection === null ? change('choose', T.choose) : {})}
      >
        <Picks
          label={T.chooseLegend}
          picks={kinds.map(({ provider, title }) => ({ value: provider, title }))}
          value={kind?.provider ?? null}
          onPick={(provider) => {
            choose(provider);
            close();
          }}
        />
      </Stage>
      <Stage
        {...stage('access')}
        title={T.access}
        summary={method?.title}
        {...(open ? change('access', T.access) : {})}
      >
        {kind !== null && (
          <Credentials
            key={kind.provider}
            {...{ kind, connection }}
            onSaved={() => {
              setTested(false);
              onward();
            }}
          />
        )}
      </Stage>
      <Stage {...stage('test')} title={T.test} summary={T.passed} {...change('test', T.test, T.testAgain)}>
        {connection !== null && (
          <ConnectionTest
            id={connection.id}
            onDone={() => {
              setTested(true);
              onward();
            }}
          />
        )}
      </Stage>
      <Stage
        {...stage('scope')}
        title={T.scope}
        summary={kind !== null && connection !== null && scopeTitle(kind, connection)}
        {...(open ? change('scope', T.scope) : {})}
      >
        {kind !== null && connection !== null && <ScopeAndMapping {...{ kind, connection }} onSaved={onward} />}
      </Stage>
      <Stage {...stage('preview')} title={T.preview} over={run?.state === 'succeeded'}>
        {connection !== null && <DirectoryPreview {...{ connection, run, again }} />}
      </Stage>
    </ol>
  );
}

function stepOf(kind: Kind | null, { connection, run }: Made, tested: boolean): Step {
  if (kind === null) return 'choose';
  const method = methodOf(kind, connection);
  if (method === null || !isWhole(method, connection?.credentials?.shown ?? {})) return 'access';
  // Whoever saw a preview has been through the test and the choice.
  if (run !== null) return 'preview';
  return tested ? 'scope' : 'test';
}

/** By which of the ways the connection signs in at the directory; null while there is none. */
export function methodOf(kind: Kind, connection: Connection | null): Variant | null {
  const shown = connection?.credentials?.shown ?? {};
  return variantsOf(kind.credentialsSchema).find(({ by, value }) => shown[by] === value) ?? null;
}

function scopeTitle(kind: Kind, { settings }: Connection): string {
  return variantsOf(kind.scopeSchema).find(({ by, value }) => settings.scope[by] === value)?.title ?? '';
}
