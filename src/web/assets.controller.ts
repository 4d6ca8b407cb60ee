import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Public } from '../auth/requires.decorator.js';
import { RollcallError } from '../common/errors.js';
import { AssetName, Assets } from './assets.js';

/** Scripts and styles of the pages. Their names hold a digest of what is in them, so they are kept for ever. */
@ApiExcludeController()
@Controller('assets')
export class AssetsController {
  constructor(private readonly assets: Assets) {}

  @Get(':name')
  @Public('the same for everybody, and part of the published sources')
  show(@Param('name', { schema: AssetName }) name: string, @Req() request: Request, @Res() response: Response): void {
    const asset = this.assets.find(name);
    if (asset === null) throw new RollcallError('route.not_found', 'There is nothing at this address.');
    const packed = request.acceptsEncodings('gzip') === 'gzip' ? asset.packed : null;
    if (packed !== null) response.setHeader('Content-Encoding', 'gzip');
    response
      .setHeader('Content-Type', asset.type)
      .setHeader('Vary', 'Accept-Encoding')
      .setHeader('Cache-Control', 'public, max-age=31536000, immutable')
      .end(packed ?? asset.bytes);
  }
}
