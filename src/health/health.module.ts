import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { Health } from './health.service.js';
import { MetricsServer } from './metrics-server.service.js';

@Module({ controllers: [HealthController], providers: [Health, MetricsServer], exports: [Health, MetricsServer] })
export class HealthModule {}
