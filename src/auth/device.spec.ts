import { describe, expect, it } from '@jest/globals';
import { deviceOf } from './device.js';

const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36';
const safari =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1';

describe('X-09 a device', () => {
  it.each([
    [chrome, 'Chrome on Linux'],
    [safari, 'Safari on iOS'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Windows'],
    ['', 'Unknown device'],
    ['   ', 'Unknown device'],
    ['((((', 'Unknown device'],
  ])('that says %s is %s', (userAgent, device) => {
    expect(deviceOf(userAgent)).toBe(device);
  });

  it('that says a great deal is read no further than a browser says it', () => {
    expect(deviceOf(chrome + 'x'.repeat(100_000))).toBe('Chrome on Linux');
    expect(deviceOf('a'.repeat(100_000)).length).toBeLessThanOrEqual(300);
  });
});
