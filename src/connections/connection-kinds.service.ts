import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { connectorKinds } from '../connectors/registry.js';
import type { KindsView } from './connections.dto.js';
import { settingsView } from './connections.view.js';
import { ConnectorsService } from './connectors.service.js';
import { defaultSettings } from './settings.js';

/** What can be connected to, as data: a console needs no code for a new kind of directory. */
@Injectable()
export class ConnectionKindsService {
  constructor(private readonly connectors: ConnectorsService) {}

  list(): KindsView {
    const items = connectorKinds().map((kind) => {
      const installation = this.connectors.installation(kind.provider);
      return {
        provider: kind.provider,
        title: kind.title,
        defaultSettings: settingsView(defaultSettings(kind)),
        scopeSchema: schemaOf(kind.scope),
        mappingSchema: schemaOf(kind.mapping),
        credentialsSchema: schemaOf(kind.credentialsInput),
        setUpSteps: kind.setUpSteps({ credentials: null, installation }),
        methods: kind.methods(installation).map((method) => ({
          method,
          setUpSteps: kind.setUpSteps({ credentials: null, installation, method }),
        })),
      };
    });
    return { items };
  }
}

function schemaOf(schema: z.ZodType): Record<string, unknown> {
  return { ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) };
}
