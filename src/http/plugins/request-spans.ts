import type { Tracing } from '../../ports/tracing.ts';
import type { AppServer } from '../app-server.ts';
import { callerTrace, noteSpan, spanOf } from '../request-traces.ts';
import { servedRequest } from './access-log.ts';

/** One span for each request, from before anybody may refuse it to the end of its answer. No hook at all where nobody collects them. */
export function traceRequests(app: AppServer, tracing: Tracing | undefined): void {
  if (!tracing) return;
  app.addHook('onRequest', ({ method, raw }, _reply, done) => {
    noteSpan(raw, tracing.beginRequest(method, callerTrace(raw)));
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    spanOf(request.raw)?.end({ requestId: request.id, ...servedRequest(request, reply) });
    done();
  });
}
