import { describe, expect, it } from '@jest/globals';
import { assertRuntime } from './runtime.js';

describe('assertRuntime', () => {
  it.each(['v22.12.0', 'v22.20.1', 'v24.21.0', 'v26.0.0'])('%s will do', (version) => {
    expect(() => assertRuntime(version)).not.toThrow();
  });

  it.each(['v20.20.2', 'v22.11.0', 'v8.0.0', 'nonsense'])('%s is too old', (version) => {
    expect(() => assertRuntime(version)).toThrow('start it with npm start');
  });
});
