/** What an element has to be escaped for. */
const SPECIAL = /["\\]/;

/** A `text[]` as PostgreSQL writes it, in one go: the driver's own way looks at each element several times. */
export function textArray(values: readonly string[]): string {
  if (values.length === 0) return '{}';
  const whole = values.join('');
  const elements = SPECIAL.test(whole) ? values.map((value) => value.replace(/["\\]/g, '\\$&')) : values;
  return `{"${elements.join('","')}"}`;
}

/** A `bytea[]` of values in hex. */
export function byteaArray(hexes: readonly string[]): string {
  return hexes.length === 0 ? '{}' : `{"\\\\x${hexes.join('","\\\\x')}"}`;
}
