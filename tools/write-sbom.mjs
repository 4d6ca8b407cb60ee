// Prints what the service needs at run time as CycloneDX. npm writes the bill; left to itself with --omit=dev it also leaves out
// what tools share with the service, so the lock says here what is a tool. No time and no serial number: the same lock, the same bill.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const { status, stdout } = spawnSync(
  'npm',
  ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'],
  {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
  },
);
if (status !== 0) process.exit(status ?? 1);

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const needed = new Set(
  Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`),
);
const nameOf = ({ group, name, version }) => `${group ? `${group}/` : ''}${name}@${version}`;

const bill = JSON.parse(stdout);
// npm takes the folder's name.
bill.metadata.component.name = packages[''].name;
delete bill.serialNumber;
delete bill.metadata.timestamp;
bill.components = bill.components.filter((component) => needed.has(nameOf(component)));
const known = new Set([
  bill.metadata.component['bom-ref'],
  ...bill.components.map((component) => component['bom-ref']),
]);
bill.dependencies = bill.dependencies
  .filter(({ ref }) => known.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((other) => known.has(other)) }));
process.stdout.write(`${JSON.stringify(bill, null, 2)}\n`);
