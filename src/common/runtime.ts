import { RollcallError } from './errors.js';

const OLDEST = [22, 12] as const;

/**
 * @param version As `process.version` has it.
 * @throws {RollcallError} `start.node_too_old`: a bare `node` in a shell is often the system's.
 */
export function assertRuntime(version: string): void {
  const [major = 0, minor = 0] = version.replace(/^v/u, '').split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw new RollcallError(
    'start.node_too_old',
    `Rollcall needs Node ${OLDEST.join('.')} or later and runs on ${version}; start it with npm start, which brings its own.`,
  );
}
