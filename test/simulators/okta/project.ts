/** Keeps what a projection such as `id,status,profile:(login,email)` names. */
export function project(object: Record<string, unknown>, fields: string): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const field of splitOutside(fields)) {
    const [name = '', inner] = field.split(/:(.*)/s);
    const value = object[name];
    if (value === undefined) continue;
    kept[name] = inner === undefined ? value : project(value as Record<string, unknown>, inner.replace(/^\(|\)$/g, ''));
  }
  return kept;
}

/** Splits at commas that stand in no parentheses. */
function splitOutside(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const letter of text) {
    if (letter === '(') depth++;
    if (letter === ')') depth--;
    if (letter === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
