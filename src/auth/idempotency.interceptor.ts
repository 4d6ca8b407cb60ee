import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { RollcallError } from '../common/errors.js';
import { SHOWN_ONCE } from './answers.decorator.js';
import { callerOf } from './caller.decorator.js';
import type { OnceKey } from './idempotency.repository.js';
import { Idempotency } from './idempotency.service.js';

/** 1 to 255 visible ASCII characters. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/** Answers a repeated POST that carries an `Idempotency-Key` with the first one's answer. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Request>();
    const key = request.headers['idempotency-key'];
    const caller = callerOf(request);
    if (request.method !== 'POST' || key === undefined || !caller) return next.handle();
    if (typeof key !== 'string' || !KEY.test(key)) {
      throw new RollcallError('request.invalid', 'Idempotency-Key takes 1 to 255 visible ASCII characters.');
    }
    const once: OnceKey = { credentialId: caller.credentialId, route: request.path, key };
    const secret = this.reflector.get<boolean | undefined>(SHOWN_ONCE, context.getHandler()) === true;
    const response = context.switchToHttp().getResponse<Response>();
    return from(this.once(caller.organisationId, once, request, { response, secret }, next));
  }

  private async once(
    organisationId: string,
    once: OnceKey,
    request: Request,
    { response, secret }: { response: Response; secret: boolean },
    next: CallHandler,
  ): Promise<unknown> {
    const sent = JSON.stringify([request.query, request.body ?? null]);
    const before = await this.idempotency.begin(organisationId, once, sent);
    if (before.kind === 'answered') {
      response.setHeader('Idempotent-Replayed', 'true');
      return before.response;
    }
    let answer: unknown;
    try {
      answer = await lastValueFrom(next.handle(), { defaultValue: undefined });
    } catch (error) {
      await this.idempotency.failed(organisationId, once, error);
      throw error;
    }
    await this.idempotency.answered(organisationId, once, answer, secret);
    return answer;
  }
}
