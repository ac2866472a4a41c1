import type { FastifyReply } from 'fastify';
import { SECOND_MS } from '../../domain/time.ts';
import type { MenuEdition } from '../../inventory/menu.ts';
import { withTemplate } from '../../inventory/require-template.ts';
import { unknownOffer } from '../../sessions/refusals.ts';
import type { AppServer } from '../app-server.ts';
import { KeptAnswers } from '../kept-answers.ts';
import { answerPlain } from '../plain-requests.ts';
import { strongTag } from '../plugins/etags.ts';
import { menuQuery } from '../requests/menu-query.ts';
import { contradictionProblems } from '../requests/template-choice.ts';
import { answer } from '../schemas/answer.ts';
import { errorAnswers } from '../schemas/error-schemas.ts';
import { idParams, NoQuery } from '../schemas/fields.ts';
import { OfferAnswer, OffersAnswer, offersQuery } from '../schemas/offer-schemas.ts';
import { sendJson } from '../send-json.ts';
import type { ServerParts } from '../server-parts.ts';
import { isRecord } from '../validation/is-record.ts';
import { refuseProblems } from '../validation/problem.ts';
import { OfferRows } from '../views/offer-rows.ts';

interface OfferParts extends Pick<ServerParts, 'menu' | 'templates' | 'providers' | 'now'> {
  readonly rowsFor: RowsFor;
}

export function registerOffers(app: AppServer, parts: Omit<OfferParts, 'rowsFor'>): void {
  const rowsFor = rowsOnce();
  registerList(app, { ...parts, rowsFor });
  registerOne(app, { ...parts, rowsFor });
}

function registerList(
  app: AppServer,
  { menu, templates, providers, now, rowsFor }: OfferParts,
): void {
  const schema = {
    operationId: 'listOffers',
    summary: 'What can be rented now',
    description:
      'From all providers, filtered, sorted and in pages that never overlap. Served from memory: no request waits for a provider, save one that names a template which nobody named lately.',
    tags: ['Offers'],
    querystring: offersQuery(providers),
    response: {
      200: answer(OffersAnswer, { description: 'One page of the menu.', headers: ['Age'] }),
      ...errorAnswers('not_found', 'no_matching_offer', 'provider_unavailable'),
    },
  };
  const kept = new KeptAnswers<MenuEdition>();
  const options = { schema, config: { hasEtag: true } } as const;
  app.get(
    '/offers',
    {
      ...options,
      // Before anything is read or validated: the same target was, for the same menu.
      onRequest: (request, reply, done) => {
        const edition = menu.edition();
        const answer = kept.find(request.url, edition);
        if (!answer) return done();
        const ageMs = edition.oldestAt === undefined ? 0 : now() - edition.oldestAt;
        sendReady(reply, { body: answer.body, digest: answer.digest, ageMs });
      },
    },
    async (request, reply) => {
      const asked = menuQuery(request.query);
      const { template_hash_id: hashId } = request.query;
      if (hashId !== undefined) refuseProblems(contradictionProblems(asked.filter, menu));
      const filter = await withTemplate(templates, asked.filter, hashId);
      const edition = menu.edition();
      const page = menu.query({ ...asked, filter });
      const { text, digest } = rowsFor(reply).page(page);
      // Bytes, because the server takes three times as long over a text that was joined from many.
      const body = Buffer.from(text);
      // What a template asks is read from elsewhere than the menu.
      if (hashId === undefined) kept.keep(request.url, edition, { body, digest });
      return sendReady(reply, { body, digest, ageMs: page.ageMs });
    },
  );
}

function registerOne(app: AppServer, { menu, now, rowsFor }: OfferParts): void {
  const schema = {
    operationId: 'getOffer',
    summary: 'One offer',
    tags: ['Offers'],
    params: idParams('The `id` of an offer.'),
    querystring: NoQuery,
    response: {
      200: answer(OfferAnswer, { description: 'The offer.', headers: ['Age'] }),
      ...errorAnswers('not_found'),
    },
  };
  const send = (id: string, reply: FastifyReply): FastifyReply | undefined => {
    const offer = menu.get(id);
    if (!offer) return undefined;
    const { text, digest } = rowsFor(reply).row(offer);
    return sendReady(reply, { body: text, digest, ageMs: now() - offer.fetchedAt });
  };
  const options = {
    schema,
    config: { hasEtag: true },
    onRequest: answerPlain(({ params }, reply) => send(idIn(params), reply)),
  } as const;
  app.get('/offers/:id', options, async (request, reply) => {
    const { id } = request.params;
    return send(id, reply) ?? Promise.reject(unknownOffer(id));
  });
}

type RowsFor = (reply: FastifyReply) => OfferRows;

/** The schemas are compiled through an answer, so that the first one makes what all of them use. */
function rowsOnce(): RowsFor {
  let rows: OfferRows | undefined;
  return (reply) => {
    rows ??= new OfferRows({
      offer: reply.compileSerializationSchema(OfferAnswer),
      page: reply.compileSerializationSchema(OffersAnswer),
    });
    return rows;
  };
}

function idIn(params: unknown): string {
  return isRecord(params) ? String(params['id']) : '';
}

interface Ready {
  readonly body: string | Buffer;
  readonly digest: string;
  readonly ageMs: number;
}

function sendReady(reply: FastifyReply, { body, digest, ageMs }: Ready): FastifyReply {
  reply.etag = strongTag(digest);
  return sendJson(reply.header('age', ageSeconds(ageMs)), body);
}

/** `Age` is whole seconds (RFC 9111, section 5.1); a clock that was set back does not make it negative. */
function ageSeconds(ageMs: number): string {
  return String(Math.max(0, Math.floor(ageMs / SECOND_MS)));
}
