import { BrokerError } from '../../domain/errors.ts';
import type { OrphanId } from '../../domain/orphan.ts';
import type { AppServer } from '../app-server.ts';
import { ErrorAnswers } from '../schemas/error-schemas.ts';
import { IdParams, NoBody, NoQuery } from '../schemas/fields.ts';
import {
  OrphanAnswer,
  OrphanMessage,
  OrphansAnswer,
  orphansQuery,
} from '../schemas/orphan-schemas.ts';
import type { ServerParts } from '../server-parts.ts';
import { known } from '../views/known.ts';
import { orphansView, orphanView } from '../views/orphan-view.ts';

type OrphanParts = Pick<ServerParts, 'orphans' | 'providers'>;

/** An API's name and the longest id that an adapter lets in, 128 characters, with room to spare. */
const ORPHAN_ID = /^[!-~]{1,200}$/;

export function registerOrphans(app: AppServer, parts: OrphanParts): void {
  registerList(app, parts);
  registerOne(app, parts);
  registerTerminate(app, parts);
  registerIgnore(app, parts);
}

function registerList(app: AppServer, { orphans, providers }: OrphanParts): void {
  const schema = {
    summary: 'Instances of ours that no session wants, newest first',
    querystring: orphansQuery(providers),
    response: { 200: OrphansAnswer, ...ErrorAnswers },
  };
  app.get('/orphans', { schema }, async (request) => {
    const { state, provider, limit = 100, offset = 0 } = request.query;
    return orphansView(await orphans.page({ limit, offset, ...known({ state, provider }) }));
  });
}

function registerOne(app: AppServer, { orphans }: OrphanParts): void {
  const schema = {
    summary: 'One orphan',
    params: IdParams,
    querystring: NoQuery,
    response: { 200: OrphanAnswer, ...ErrorAnswers },
  };
  app.get('/orphans/:id', { schema }, async (request) => {
    const orphan = await orphans.get(orphanIdOf(request.params.id));
    if (!orphan) throw unknownOrphan();
    return orphanView(orphan);
  });
}

function registerTerminate(app: AppServer, { orphans }: OrphanParts): void {
  const schema = {
    summary: 'End the orphan, whatever it is held for',
    params: IdParams,
    querystring: NoQuery,
    body: NoBody,
    response: { 202: OrphanMessage, ...ErrorAnswers },
  };
  const config = { changesRentals: true } as const;
  app.post('/orphans/:id/terminate', { schema, config }, async (request, reply) => {
    const id = orphanIdOf(request.params.id);
    await orphans.terminate(id);
    reply.code(202);
    return { message: 'orphan termination initiated', orphan_id: id };
  });
}

function registerIgnore(app: AppServer, { orphans }: OrphanParts): void {
  const schema = {
    summary: 'Leave the orphan alone until somebody says otherwise',
    params: IdParams,
    querystring: NoQuery,
    body: NoBody,
    response: { 200: OrphanMessage, ...ErrorAnswers },
  };
  const config = { changesRentals: true } as const;
  app.post('/orphans/:id/ignore', { schema, config }, async (request) => {
    const id = orphanIdOf(request.params.id);
    await orphans.ignore(id);
    return { message: 'orphan ignored', orphan_id: id };
  });
}

/** An id of another form was never given out, so it is unknown rather than wrong. */
function orphanIdOf(text: string): OrphanId {
  if (!ORPHAN_ID.test(text)) throw unknownOrphan();
  return text;
}

function unknownOrphan(): BrokerError {
  return new BrokerError('not_found', 'there is no such orphan');
}
