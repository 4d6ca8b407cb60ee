import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Post } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { z } from 'zod';
import { Answers } from '../../src/auth/answers.decorator.js';
import { ApiKeysService } from '../../src/auth/api-keys.service.js';
import { AuthModule } from '../../src/auth/auth.module.js';
import { Public, Requires, RequiresOperator, SignedIn } from '../../src/auth/requires.decorator.js';
import { CommonModule } from '../../src/common/common.module.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { loadConfig } from '../../src/config/load-config.js';
import { DatabaseModule } from '../../src/database/database.module.js';
import { Secrets } from '../../src/database/secrets.service.js';
import { insertOrganisation, openTestDatabase, type TestDatabase } from '../support/database.js';
import { apiOf, type Api } from '../support/service.js';

const Told = z.strictObject({ name: z.string() });

/** What somebody might write who thought of nothing. */
@Controller()
class CarelessController {
  @Get('undeclared')
  undeclared(): object {
    return { secret: 'canary' };
  }

  @Get('leaky')
  @Requires('people:read')
  @Answers(200, Told, 'Tells more than it says.')
  leaky(): object {
    return { name: 'a', digest: 'canary' };
  }

  @Get('nested')
  @Requires('people:read')
  @Answers(200, z.strictObject({ items: z.array(Told) }), 'Tells more than it says, deep inside.')
  nested(): object {
    return { items: [{ name: 'a' }, { name: 'b', digest: 'canary' }] };
  }

  @Post('bare')
  @Requires('people:write')
  @Answers(201, Told, 'Takes nothing.')
  bare(): object {
    return { name: 'a' };
  }

  @Get('myself')
  @SignedIn()
  @Answers(200, Told, 'Tells of whoever is signed in.')
  myself(): object {
    return { name: 'canary' };
  }

  @Get('operators')
  @RequiresOperator('operator:operators')
  @Answers(200, Told, 'Tells of the installation.')
  operators(): object {
    return { name: 'canary' };
  }

  @Get('open')
  @Public('a test')
  open(): object {
    return { name: 'a' };
  }
}

let database: TestDatabase;
let app: NestExpressApplication;
let api: Api;

beforeAll(async () => {
  database = await openTestDatabase();
  const secrets = new Secrets({ current: { id: 'test', bytes: randomBytes(32) }, previous: [] });
  const imports = [
    CommonModule.of(),
    ConfigModule.of(loadConfig({ ROLLCALL_ENV: 'test' })),
    DatabaseModule.of(database.database, secrets),
    AuthModule,
  ];
  const module = await Test.createTestingModule({ imports, controllers: [CarelessController] }).compile();
  app = module.createNestApplication<NestExpressApplication>({ logger: false });
  await app.listen(0, '127.0.0.1');
  const id = await insertOrganisation(database.database);
  const order = { name: 'k', scopes: ['people:read', 'people:write'] as const, networks: [], expiresInDays: 1 };
  const { key } = await app.get(ApiKeysService, { strict: false }).createAsOperator(id, order);
  api = apiOf(await app.getUrl(), key);
});
afterAll(async () => {
  await app.close();
  await database.close();
});

describe('the protections, seen at work on a controller that does everything wrong', () => {
  it('A-05 a route that declares nothing is open to nobody, with or without a key', async () => {
    for (const options of [{}, { key: null }]) {
      const answer = await api('GET', '/undeclared', undefined, options);
      expect([answer.status, answer.text.includes('canary')]).toEqual([403, false]);
    }
  });

  it.each(['/myself', '/operators'])('A-06 %s is for people who are signed in, never for a key', async (path) => {
    const answer = await api('GET', path);
    expect([answer.status, answer.text.includes('canary')]).toEqual([403, false]);
    expect((await api('GET', path, undefined, { key: null })).status).toBe(401);
  });

  it.each(['/leaky', '/nested'])('A-07 %s: a field that the schema does not name does not leave', async (path) => {
    const answer = await api('GET', path);
    expect([answer.status, answer.body['code'], answer.text.includes('canary')]).toEqual([
      500,
      'internal.error',
      false,
    ]);
  });

  it('A-08 what a route does not take is refused for it', async () => {
    expect((await api('POST', '/bare')).status).toBe(201);
    expect((await api('POST', '/bare', {})).status).toBe(201);
    expect((await api('POST', '/bare', { anything: 1 })).status).toBe(400);
    expect((await api('POST', '/bare', [1])).status).toBe(400);
    expect((await api('POST', '/bare?anything=1')).status).toBe(400);
  });

  it('a public route needs no key, and is no way around the others', async () => {
    expect((await api('GET', '/open', undefined, { key: null })).status).toBe(200);
    expect((await api('GET', '/leaky', undefined, { key: null })).status).toBe(401);
  });
});
