import type { FastifyReply, FastifyRequest } from 'fastify';
import { SECOND_MS } from '../../domain/time.ts';
import type { MenuEdition } from '../../inventory/menu.ts';
import { withTemplate } from '../../inventory/require-template.ts';
import { templatesFor } from '../../inventory/templates.ts';
import { unknownOffer } from '../../sessions/refusals.ts';
import type { AnswerAtOnce, FindAtOnce } from '../answer-at-once.ts';
import type { AppServer } from '../app-server.ts';
import { KeptAnswers } from '../kept-answers.ts';
import { strongTag } from '../plugins/etags.ts';
import { searchOf, strictParameter } from '../plugins/strict-queries.ts';
import { originOf } from '../request-traces.ts';
import { type OffersQuery, pageQuery } from '../requests/menu-query.ts';
import { MenuQueryReader } from '../requests/menu-query-reader.ts';
import { filterProblems, offerFilter } from '../requests/offer-filter.ts';
import { contradictionProblems } from '../requests/template-choice.ts';
import { answer } from '../schemas/answer.ts';
import { errorAnswers } from '../schemas/error-schemas.ts';
import { idParams, NoQuery } from '../schemas/fields.ts';
import { OfferAnswer, OffersAnswer, offersQuery } from '../schemas/offer-schemas.ts';
import { sendJson } from '../send-json.ts';
import type { ServerParts } from '../server-parts.ts';
import { isRecord } from '../validation/is-record.ts';
import { refuseProblems } from '../validation/problem.ts';
import { OfferRows, type ReadyBytes } from '../views/offer-rows.ts';

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
  const reader = new MenuQueryReader(schema.querystring);
  const atOnce: FindAtOnce = (request, reply) => {
    const edition = menu.edition();
    const same = kept.find(request.url, edition);
    if (same) return readyNow(same, edition.oldestAt === undefined ? 0 : now() - edition.oldestAt);
    const query = reader.read(searchOf(request), (parameter) => {
      const one = strictParameter(parameter, request);
      return isOffersQuery(request, one) ? one : undefined;
    });
    if (query === undefined) return undefined;
    const page = menu.query(query);
    const ready = rowsFor(reply).page(page);
    kept.keep(request.url, edition, ready);
    return readyNow(ready, page.ageMs);
  };
  const options = { schema, config: { hasEtag: true, atOnce } } as const;
  app.get('/offers', options, async (request, reply) => {
    refuseProblems(filterProblems(request.query));
    const asked = offerFilter(request.query);
    const { template_hash_id: hashId } = request.query;
    if (hashId !== undefined) refuseProblems(contradictionProblems(asked, menu));
    const known = templatesFor(templates, originOf(request));
    const filter = await withTemplate(known, asked, hashId);
    const page = menu.query({ ...pageQuery(request.query), filters: [filter] });
    return sendReady(reply, readyNow(rowsFor(reply).page(page), page.ageMs));
  });
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
  const find = (id: string, reply: FastifyReply): AnswerAtOnce | undefined => {
    const offer = menu.get(id);
    return offer && readyNow(rowsFor(reply).row(offer), now() - offer.fetchedAt);
  };
  const atOnce: FindAtOnce = ({ url, params }, reply) =>
    url.includes('?') ? undefined : find(idIn(params), reply);
  const options = { schema, config: { hasEtag: true, atOnce } } as const;
  app.get('/offers/:id', options, async (request, reply) => {
    const { id } = request.params;
    const found = find(id, reply);
    if (!found) throw unknownOffer(id);
    return sendReady(reply, found);
  });
}

/** The framework knows the schema by the route. */
function isOffersQuery(request: FastifyRequest, query: unknown): query is OffersQuery {
  return request.validateInput(query, 'querystring');
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

function readyNow({ body, digest, giveBack }: ReadyBytes, ageMs: number): AnswerAtOnce {
  return { status: 200, body, etag: strongTag(digest), age: ageSeconds(ageMs), giveBack };
}

function sendReady(reply: FastifyReply, { body, etag, age }: AnswerAtOnce): FastifyReply {
  reply.etag = etag;
  return sendJson(reply.header('age', age), body);
}

/** `Age` is whole seconds (RFC 9111, section 5.1); a clock that was set back does not make it negative. */
function ageSeconds(ageMs: number): string {
  return String(Math.max(0, Math.floor(ageMs / SECOND_MS)));
}
