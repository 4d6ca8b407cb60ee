import { Module } from '@nestjs/common';

/** Files of people: upload, preview, confirm, report. */
@Module({})
export class ImportsModule {}
