// `GET /metrics`: what is measured, for who has the token.

import { createHash, timingSafeEqual } from 'node:crypto';
import { type Route, refuse } from './http-answer.ts';
import './database-metrics.ts';
import { metricsType, readMetrics, startMetrics } from './metrics.ts';

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Answers `/metrics` to whoever sends `Authorization: Bearer <token>`. Without a token there is no such door. */
export function metricsDoor(token: string | undefined): Route {
  if (token !== undefined) startMetrics();
  return async (request, response, path) => {
    if (path !== '/metrics' || token === undefined) return false;
    const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (!timingSafeEqual(hashOf(given), hashOf(token))) {
      await refuse(request, response, 401, 'Send the token of METRICS_TOKEN as a bearer token.', {
        'WWW-Authenticate': 'Bearer',
      });
    } else if (request.method !== 'GET') {
      await refuse(request, response, 405, 'Ask with GET.', { Allow: 'GET' });
    } else {
      const text = await readMetrics();
      response.writeHead(200, { 'Content-Type': metricsType, 'Cache-Control': 'no-store' }).end(text);
    }
    return true;
  };
}
