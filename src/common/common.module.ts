import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { CLOCK, type Clock, systemClock } from './clock.js';
import { Metrics } from './metrics.js';
import { ProblemFilter } from './problem.filter.js';

/** What everybody may need: the time, the metrics, and errors told as problems. */
@Module({})
export class CommonModule {
  static of(clock: Clock = systemClock): DynamicModule {
    return {
      module: CommonModule,
      global: true,
      providers: [{ provide: CLOCK, useValue: clock }, Metrics, { provide: APP_FILTER, useClass: ProblemFilter }],
      exports: [CLOCK, Metrics],
    };
  }
}
