import { expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** In a process of its own: what is done to all objects is never undone. */
function say(script: string): unknown {
  const args = ['--import', './test/support/register-typescript.mjs', '--input-type=module', '--eval'];
  const text = `import './src/common/hardening.ts';\n${script}`;
  return JSON.parse(
    execFileSync(process.execPath, [...args, text], { encoding: 'utf8', stdio: ['ignore', 'pipe', 2] }),
  );
}

it('X-22 __proto__ of an object leads nowhere and is not written, by whatever way a program falls for it', () => {
  const found = say(`
    const tried = (work) => { try { work(); return 'done'; } catch (error) { return error.message; } };
    const merge = (into, from) => {
      for (const key in from) if (typeof from[key] === 'object') merge((into[key] ??= {}), from[key]); else into[key] = from[key];
    };
    const poison = JSON.parse('{"__proto__":{"polluted":true}}');
    const answers = [
      tried(() => { ({}).__proto__ = { polluted: true }; }),
      tried(() => { ({})['__proto__'].polluted = true; }),
      tried(() => merge({}, poison)),
      tried(() => Object.assign({}, poison)),
      tried(() => { JSON.parse('{"constructor":{"prototype":1}}').__proto__ = {}; }),
      String({}.polluted), '__proto__' in {}, Object.keys({ ...poison }).length,
    ];
    console.log(JSON.stringify(answers));`);
  const refused = 'the prototype of an object is not changed';
  expect(found).toEqual([
    refused,
    expect.stringContaining('undefined'),
    refused,
    refused,
    refused,
    'undefined',
    true,
    1,
  ]);
});

it('X-22 packages that inherit by it still do', () => {
  const found = say(`
    function Old() {} Old.prototype.__proto__ = Error.prototype;
    function Older() {} Older.__proto__ = Old;
    console.log(JSON.stringify([new Old() instanceof Error, Object.getPrototypeOf(Older) === Old]));`);
  expect(found).toEqual([true, true]);
});

it('X-22 it is the first thing that every program of ours does', () => {
  for (const program of ['src/main.ts', 'src/cli.ts']) {
    const first = readFileSync(program, 'utf8')
      .split('\n')
      .find((line) => line.startsWith('import'));
    expect(first).toBe(`import './common/hardening.js';`);
  }
});
