import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Protection, PROTECTIONS } from './protections.ts';

const HELP = `npm run test:controls -- [--only TEXT]

Switches off one protection after another in a copy of the sources, and runs the test that has to notice. Ends with 1 when
one of them goes unnoticed. The same tests pass on the sources as they are: that is what the suites are for.`;

const ROOT = join(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, help: { type: 'boolean', default: false } },
});

if (values.help) console.log(HELP);
else run(PROTECTIONS.filter(({ name }) => name.includes(values.only)));

function run(protections: readonly Protection[]): void {
  const copy = copyOfSources();
  let unnoticed = 0;
  try {
    for (const one of protections) {
      const outcome = control(copy, one);
      if (outcome !== 'noticed') unnoticed += 1;
      console.log(`${outcome === 'noticed' ? '✓' : '✗'} ${one.name}: ${outcome} (${one.spec})`);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  console.log(`${protections.length - unnoticed} of ${protections.length} protections are missed when they are gone`);
  if (unnoticed > 0 || protections.length === 0) process.exitCode = 1;
}

/** What is under version control and what is generated from it; the packages are the same. */
function copyOfSources(): string {
  const copy = mkdtempSync(join(tmpdir(), 'rollcall-controls-'));
  // PostgreSQL may run as a user of its own, who has to pass.
  chmodSync(copy, 0o755);
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  const generated = execFileSync('git', ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', 'src'], {
    cwd: ROOT,
  });
  for (const path of `${listed.toString()}${generated.toString()}`.split('\0')) {
    if (path === '') continue;
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    copyFileSync(join(ROOT, path), join(copy, path));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

function control(copy: string, { file, from, to, project, spec, test }: Protection): string {
  const path = join(copy, file);
  const whole = readFileSync(path, 'utf8');
  if (whole.split(from).length !== 2) return 'not found in the sources: bring it up to date';
  writeFileSync(
    path,
    whole.replace(from, () => to),
  );
  try {
    const result = join(copy, 'result.json');
    rmSync(result, { force: true });
    const jest = [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
    ];
    const args = [
      '--selectProjects',
      project,
      '--testPathPatterns',
      spec,
      '--maxWorkers=1',
      '--silent',
      '--json',
      '--outputFile',
      result,
    ];
    spawnSync(process.execPath, [...jest, ...args, ...(test === '' ? [] : [`--testNamePattern=${test}`])], {
      cwd: copy,
      stdio: 'ignore',
    });
    if (!existsSync(result)) return 'the tests did not run';
    const { numFailedTests, numPassedTests, numRuntimeErrorTestSuites } = JSON.parse(
      readFileSync(result, 'utf8'),
    ) as Record<string, number>;
    if (numRuntimeErrorTestSuites !== 0) return 'the sources do not run any more';
    if ((numFailedTests ?? 0) > 0) return 'noticed';
    return (numPassedTests ?? 0) > 0 ? 'NOT NOTICED' : 'no such test';
  } finally {
    writeFileSync(path, whole);
  }
}
