// Builds dist/ only when a source is newer than it, so that the command line starts at once.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What the two halves of the build leave behind. */
const stamps = ['dist/main.js', 'dist/pages/index.html'];

function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'generated' || entry.name.endsWith('.spec.ts')) continue;
    const path = join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return latest;
}

const sources = Math.max(newest('src'), newest('web'), statSync('package-lock.json').mtimeMs);
if (stamps.some((stamp) => !existsSync(stamp) || statSync(stamp).mtimeMs < sources)) {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  process.exit(status ?? 1);
}
