import { SECOND_MS } from '../../domain/time.ts';
import { withTemplate } from '../../inventory/require-template.ts';
import { unknownOffer } from '../../sessions/refusals.ts';
import type { AppServer } from '../app-server.ts';
import { menuQuery } from '../requests/menu-query.ts';
import { contradictionProblems } from '../requests/template-choice.ts';
import { answer } from '../schemas/answer.ts';
import { errorAnswers } from '../schemas/error-schemas.ts';
import { idParams, NoQuery } from '../schemas/fields.ts';
import { OfferAnswer, OffersAnswer, offersQuery } from '../schemas/offer-schemas.ts';
import type { ServerParts } from '../server-parts.ts';
import { refuseProblems } from '../validation/problem.ts';
import { offersView, offerView } from '../views/offer-view.ts';

type OfferParts = Pick<ServerParts, 'menu' | 'templates' | 'providers' | 'now'>;

export function registerOffers(app: AppServer, parts: OfferParts): void {
  registerList(app, parts);
  registerOne(app, parts);
}

function registerList(app: AppServer, { menu, templates, providers }: OfferParts): void {
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
  app.get('/offers', { schema, config: { hasEtag: true } }, async (request, reply) => {
    const asked = menuQuery(request.query);
    const { template_hash_id: hashId } = request.query;
    if (hashId !== undefined) refuseProblems(contradictionProblems(asked.filter, menu));
    const filter = await withTemplate(templates, asked.filter, hashId);
    const page = menu.query({ ...asked, filter });
    reply.header('age', ageSeconds(page.ageMs));
    return offersView(page);
  });
}

function registerOne(app: AppServer, { menu, now }: OfferParts): void {
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
  app.get('/offers/:id', { schema, config: { hasEtag: true } }, async (request, reply) => {
    const offer = menu.get(request.params.id);
    if (!offer) throw unknownOffer(request.params.id);
    reply.header('age', ageSeconds(now() - offer.fetchedAt));
    return offerView(offer);
  });
}

/** `Age` is whole seconds (RFC 9111, section 5.1); a clock that was set back does not make it negative. */
function ageSeconds(ageMs: number): string {
  return String(Math.max(0, Math.floor(ageMs / SECOND_MS)));
}
