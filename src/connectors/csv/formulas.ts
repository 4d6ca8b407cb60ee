/**
 * What spreadsheet programs take for the beginning of a formula, or of the next cell. Blanks, marks that nobody sees
 * and quotes of any kind before it hide it from the eye and not from every program, so they count as if not there.
 */
const FORMULA = /^[\s\p{Cf}\p{Pi}\p{Pf}"'`´]*[=+\-@\t\r\n\0＝＋－﹣﹢﹦﹫＠⁺₊⁼₌⁻₋−]/u;

/**
 * A cell that no spreadsheet program takes for a formula: with an apostrophe before it where it could be one.
 * `plainOf` takes it off again.
 */
export function neutral(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/**
 * Undoes `neutral`: `plainOf(neutral(x)) === x`, whatever x is. An apostrophe that nothing made necessary is part of the
 * text: `'t Hooft` keeps theirs.
 */
export function plainOf(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell;
}
