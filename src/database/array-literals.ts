/** What an element has to be escaped for. */
const SPECIAL = /["\\]/;

/** A `text[]` as PostgreSQL writes it, in one go: the driver's own way looks at each element several times. */
export function textArray(values: readonly string[]): string {
  if (values.length === 0) return '{}';
  const whole = values.join('');
  const elements = SPECIAL.test(whole) ? values.map((value) => value.replace(/["\\]/g, '\\$&')) : values;
  return `{"${elements.join('","')}"}`;
}

/** Of the element type `bytea`, in PostgreSQL's numbering of types. */
const BYTEA = 17;
const HEADER_BYTES = 20;

/**
 * A `bytea[]` of values of one length in hex, in PostgreSQL's binary form, in one go: half of what it is as text, and
 * neither side has to look for escapes.
 */
export function byteaArray(hexes: readonly string[]): Buffer {
  const [first = ''] = hexes;
  const digits = first.length;
  if (hexes.some((hex) => hex.length !== digits)) throw new TypeError('the values of an array differ in length');
  const before = (digits / 2).toString(16).padStart(8, '0');
  const elements = hexes.length === 0 ? '' : before + hexes.join(before);
  const array = Buffer.alloc(hexes.length === 0 ? 12 : HEADER_BYTES + elements.length / 2);
  // Dimensions, whether there are NULLs, the type; of the one dimension its size and where it begins.
  const header = hexes.length === 0 ? [0, 0, BYTEA] : [1, 0, BYTEA, hexes.length, 1];
  header.forEach((number, at) => array.writeInt32BE(number, 4 * at));
  const written = array.write(elements, header.length * 4, 'hex');
  if (written !== elements.length / 2) throw new TypeError('a value is not written in hex');
  return array;
}
