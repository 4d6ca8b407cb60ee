/** Nest's token for where links are shown on a developer's machine (`mail.insecureShowLinks`). */
export const SHOWN_LINKS = Symbol('rollcall:shown-links');

export interface ShownLinks {
  show(line: string): void;
}

/** Standard output itself: the log takes tokens out. */
export const standardOutput: ShownLinks = {
  show: (line) => {
    process.stdout.write(`${line}\n`);
  },
};
