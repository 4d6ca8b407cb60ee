import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { FAULT_ROWS } from '../simulators/index.ts';
import { companyCases, deltaCases, scopeCases, wireCases, type FaultCase } from './fault-cases.js';

const PROVIDERS = ['okta', 'google'] as const;

/** Every row of the fault matrix. */
const MATRIX = [
  ...['F-01', 'F-02', 'F-03', 'F-05', 'F-06', 'F-07', 'F-08', 'F-10', 'F-11', 'F-12', 'F-13', 'F-15', 'F-17', 'F-18'],
  ...['F-19', 'F-20', 'F-22', 'F-23', 'F-25', 'F-28', 'F-30', 'F-33', 'F-34', 'F-35', 'F-36', 'F-38', 'F-39', 'F-41'],
  ...['F-43', 'F-45', 'F-48', 'F-50', 'F-51', 'F-52', 'F-53', 'F-55', 'F-56', 'F-58', 'F-59', 'F-60', 'F-62', 'F-64'],
  ...['F-65', 'F-66', 'F-67', 'F-68', 'F-70', 'F-71', 'F-72', 'F-75', 'F-81', 'F-83', 'F-88'],
];

/** Rows that no directory brings about, or not by its answers alone: which suites meet them. */
const BY_HAND: Readonly<Record<string, readonly string[]>> = {
  'F-19': ['test/story/failures.spec.ts'],
  'F-50': ['test/story/failures.spec.ts'],
  'F-59': ['test/story/kills.ts', 'test/story/instances.spec.ts'],
  'F-60': ['test/story/instances.spec.ts'],
  'F-62': ['test/story/failures.spec.ts'],
  'F-64': ['test/story/failures.spec.ts'],
  'F-65': ['test/story/asking.spec.ts'],
  'F-66': ['test/story/asking.spec.ts'],
  'F-67': ['src/runs/backing-off.spec.ts'],
  'F-68': ['test/contract/google/access.spec.ts'],
  'F-75': ['test/story/holds.spec.ts'],
  'F-81': ['test/e2e/connections.spec.ts'],
  'F-83': ['test/story/failures.spec.ts'],
  'F-88': ['test/integration/database/migrations.spec.ts'],
};

/** Rows of what does not exist yet. */
const NOT_DUE: Readonly<Record<string, string>> = {
  'F-72':
    'No directory can call us yet; the row comes with push. That newer observations win is tested with the engine.',
};

/** The suites that carry out what is generated, one for each provider. */
const RUNNERS = ['fault-matrix', 'fault-lives'].flatMap((name) =>
  PROVIDERS.map((provider) => [`test/story/${name}.${provider}.spec.ts`, provider] as const),
);

const generated = PROVIDERS.flatMap((provider) =>
  [wireCases, companyCases, scopeCases, deltaCases].flatMap((cases) =>
    cases(provider).map(([, one]) => ({ provider, one })),
  ),
);

describe('each row of the fault matrix has its test', () => {
  it('in one of the places: generated, by hand, or not due', () => {
    const made = new Set(generated.map(({ one }) => one.row.id));
    const holes = MATRIX.filter((id) => !made.has(id) && !(id in BY_HAND) && !(id in NOT_DUE));
    expect(holes).toEqual([]);
    const unknown = [...made, ...Object.keys(BY_HAND), ...Object.keys(NOT_DUE)].filter((id) => !MATRIX.includes(id));
    expect(unknown).toEqual([]);
    expect(Object.keys(NOT_DUE).filter((id) => made.has(id) || id in BY_HAND)).toEqual([]);
  });

  it('generated: each variant of the catalogue, for each provider and on each page, exactly once', () => {
    const key = ({ row, page }: FaultCase, provider: string): string => `${provider} ${row.id} ${row.variant} ${page}`;
    const wanted = FAULT_ROWS.flatMap((row) =>
      row.providers.flatMap((provider) => (row.pages ?? [undefined]).map((page) => key({ row, page }, provider))),
    );
    expect(generated.map(({ one, provider }) => key(one, provider)).toSorted()).toEqual(wanted.toSorted());
  });

  it.each(RUNNERS)('%s carries out what is generated', (file, provider) => {
    expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`^(wireFaults|livedFaults)\\('${provider}'`, 'mu'));
  });

  it.each(Object.entries(BY_HAND))('%s by hand: a title in %j names it, and nothing there is left out', (id, files) => {
    for (const file of files) {
      expect({ file, exists: existsSync(file) }).toEqual({ file, exists: true });
      expect({ file, titles: titlesOf(file).filter((title) => title.includes(id)).length > 0 }).toEqual({
        file,
        titles: true,
      });
      expect(readFileSync(file, 'utf8')).not.toMatch(/\b(it|test|describe)\.(skip|todo|only)\b/u);
    }
  });
});

/** Texts that stand in calls of `it` and `describe`, tables of `each` included. Comments are none. */
function titlesOf(file: string): string[] {
  const titles: string[] = [];
  const collect = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) titles.push(node.text);
    else if (!ts.isFunctionLike(node)) ts.forEachChild(node, collect);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(it|test|describe)\b/u.test(node.expression.getText())) collect(node);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true));
  return titles;
}
