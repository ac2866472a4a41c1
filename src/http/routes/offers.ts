import { BrokerError } from '../../domain/errors.ts';
import { SECOND_MS } from '../../domain/time.ts';
import type { AppServer } from '../app-server.ts';
import { menuQuery } from '../requests/menu-query.ts';
import { ErrorAnswers } from '../schemas/error-schemas.ts';
import { IdParams, NoQuery } from '../schemas/fields.ts';
import { OfferAnswer, OffersAnswer, offersQuery } from '../schemas/offer-schemas.ts';
import type { ServerParts } from '../server-parts.ts';
import { offersView, offerView } from '../views/offer-view.ts';

type OfferParts = Pick<ServerParts, 'menu' | 'providers' | 'now'>;

export function registerOffers(app: AppServer, parts: OfferParts): void {
  registerList(app, parts);
  registerOne(app, parts);
}

function registerList(app: AppServer, { menu, providers }: OfferParts): void {
  const schema = {
    summary: 'What can be rented now',
    querystring: offersQuery(providers),
    response: { 200: OffersAnswer, ...ErrorAnswers },
  };
  app.get('/offers', { schema, config: { hasEtag: true } }, async (request, reply) => {
    const page = menu.query(menuQuery(request.query));
    reply.header('age', ageSeconds(page.ageMs));
    return offersView(page);
  });
}

function registerOne(app: AppServer, { menu, now }: OfferParts): void {
  const schema = {
    summary: 'One offer',
    params: IdParams,
    querystring: NoQuery,
    response: { 200: OfferAnswer, ...ErrorAnswers },
  };
  app.get('/offers/:id', { schema, config: { hasEtag: true } }, async (request, reply) => {
    const offer = menu.get(request.params.id);
    if (!offer) throw new BrokerError('not_found', 'no such offer is on the menu now');
    reply.header('age', ageSeconds(now() - offer.fetchedAt));
    return offerView(offer);
  });
}

/** `Age` is whole seconds (RFC 9111, section 5.1); a clock that was set back does not make it negative. */
function ageSeconds(ageMs: number): string {
  return String(Math.max(0, Math.floor(ageMs / SECOND_MS)));
}
