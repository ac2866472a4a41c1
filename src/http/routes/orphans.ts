import { BrokerError } from '../../domain/errors.ts';
import type { OrphanId } from '../../domain/orphan.ts';
import type { AppServer } from '../app-server.ts';
import { originOf } from '../request-traces.ts';
import { answer } from '../schemas/answer.ts';
import { errorAnswers } from '../schemas/error-schemas.ts';
import { idParams, NoBody, NoQuery } from '../schemas/fields.ts';
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
const ORPHAN_PARAMS = idParams('The `id` of an orphan.');

export function registerOrphans(app: AppServer, parts: OrphanParts): void {
  registerList(app, parts);
  registerOne(app, parts);
  registerTerminate(app, parts);
  registerIgnore(app, parts);
}

function registerList(app: AppServer, { orphans, providers }: OrphanParts): void {
  const schema = {
    operationId: 'listOrphans',
    summary: 'Instances of ours that no session wants, newest first',
    description:
      'Most end by themselves; those that are `held` wait for a person and cost money meanwhile.',
    tags: ['Orphans'],
    querystring: orphansQuery(providers),
    response: {
      200: answer(OrphansAnswer, { description: 'One page of orphans.' }),
      ...errorAnswers(),
    },
  };
  app.get('/orphans', { schema }, async (request) => {
    const { state, provider, limit = 100, offset = 0 } = request.query;
    return orphansView(await orphans.page({ limit, offset, ...known({ state, provider }) }));
  });
}

function registerOne(app: AppServer, { orphans }: OrphanParts): void {
  const schema = {
    operationId: 'getOrphan',
    summary: 'One orphan',
    tags: ['Orphans'],
    params: ORPHAN_PARAMS,
    querystring: NoQuery,
    response: {
      200: answer(OrphanAnswer, { description: 'The orphan.' }),
      ...errorAnswers('not_found'),
    },
  };
  app.get('/orphans/:id', { schema }, async (request) => {
    const id = orphanIdOf(request.params.id);
    const orphan = await orphans.get(id);
    if (!orphan) throw unknownOrphan(id);
    return orphanView(orphan);
  });
}

function registerTerminate(app: AppServer, { orphans }: OrphanParts): void {
  const schema = {
    operationId: 'terminateOrphan',
    summary: 'End the orphan, whatever it is held for',
    description: 'Legal in every state, also twice. It is gone when `GET` of it is 404.',
    tags: ['Orphans'],
    params: ORPHAN_PARAMS,
    querystring: NoQuery,
    body: NoBody,
    response: {
      202: answer(OrphanMessage, { description: 'Written down, and asked for at once.' }),
      ...errorAnswers('not_found', 'conflict'),
    },
  };
  const config = { changesRentals: true } as const;
  app.post('/orphans/:id/terminate', { schema, config }, async (request, reply) => {
    const id = orphanIdOf(request.params.id);
    await orphans.terminate(id, originOf(request));
    reply.code(202);
    return { message: 'orphan termination initiated', orphan_id: id };
  });
}

function registerIgnore(app: AppServer, { orphans }: OrphanParts): void {
  const schema = {
    operationId: 'ignoreOrphan',
    summary: 'Leave the orphan alone until somebody says otherwise',
    description: 'It goes on costing money. One that is already asked to end cannot be ignored.',
    tags: ['Orphans'],
    params: ORPHAN_PARAMS,
    querystring: NoQuery,
    body: NoBody,
    response: {
      200: answer(OrphanMessage, { description: 'It is left alone.' }),
      ...errorAnswers('not_found', 'conflict'),
    },
  };
  const config = { changesRentals: true } as const;
  app.post('/orphans/:id/ignore', { schema, config }, async (request) => {
    const id = orphanIdOf(request.params.id);
    await orphans.ignore(id, originOf(request));
    return { message: 'orphan ignored', orphan_id: id };
  });
}

/** An id of another form was never given out, so it is unknown rather than wrong. */
function orphanIdOf(text: string): OrphanId {
  if (!ORPHAN_ID.test(text)) throw unknownOrphan(text);
  return text;
}

function unknownOrphan(id: string): BrokerError {
  return new BrokerError('not_found', `no orphan ${id}: it has ended, or is wanted`);
}
