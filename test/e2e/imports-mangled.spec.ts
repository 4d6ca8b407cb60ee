import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { importing } from '../support/imports.js';
import { startService, type TestService } from '../support/service.js';

const CASES = Number(process.env['IMPORT_CASES'] ?? 150);

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const WHOLE = Buffer.from(
  [
    'email,first_name,last_name,account_active,position,team,manager_email,admin',
    'ada@acme.example,Ada,King,Active,,Apps,grace@acme.example,no',
    '"bo@acme.example","Bo ""the"" Great",Lind,Pending,,,,',
    'cy@acme.example,Zoë,Nguyễn,Archived,,,,',
    'grace@acme.example,Grace,Hopper,Active,Lead,Apps,,yes',
    '',
  ].join('\r\n'),
);

/** The file with some bytes put in, taken out, doubled, or another. */
const mangled = fc
  .array(
    fc.record({
      at: fc.nat(WHOLE.length - 1),
      take: fc.nat(12),
      put: fc.oneof(
        fc.uint8Array({ maxLength: 8 }),
        fc
          .constantFrom('"', ',', ';', '\t', '\r', '\n', '\0', '=', "'", '\ufeff', '\ud83d\ude00')
          .map((text) => new Uint8Array(Buffer.from(text))),
      ),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((cuts) =>
    cuts.reduce(
      (bytes, { at, take, put }) => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + take)]),
      WHOLE,
    ),
  );

describe('V-07 whatever is uploaded', () => {
  it('is shown or refused with a sentence, never a fault of ours; and is applied whole or not at all', async () => {
    const files = importing(service);
    await fc.assert(
      fc.asyncProperty(mangled, async (bytes) => {
        const uploaded = await files.upload(bytes);
        if (bytes.length > 0) expect([uploaded.status, uploaded.text]).toEqual([201, uploaded.text]);
        await files.run();
        const shown = await files.show(uploaded.body.id);
        expect(['ready', 'refused']).toContain(shown.state);
        if (shown.state === 'refused') {
          expect(shown.fault).toMatchObject({ code: expect.any(String), message: expect.stringMatching(/\S/u) });
          return;
        }
        const expected = shown.preview?.counts ?? {};
        const { confirmed, run } = await applied(shown.id);
        if (confirmed !== 202) {
          expect([confirmed, run]).toEqual([409, null]);
          return;
        }
        for (const kind of ['add', 'update', 'restore', 'archive'])
          expect([kind, run?.[kind]]).toEqual([kind, expected[kind]]);
      }),
      { numRuns: CASES },
    );

    async function applied(id: string): Promise<{ confirmed: number; run: Record<string, number> | null }> {
      const shown = await files.show(id);
      const archives = shown.archivesToConfirm === null ? {} : { archives: shown.archivesToConfirm };
      const { status } = await files.confirm(shown, archives);
      await files.run();
      const after = await files.show(id);
      if (after.run !== null) expect([after.state, after.run.error]).toEqual(['applied', null]);
      return { confirmed: status, run: after.run?.counts ?? null };
    }
  });
});
