import type { AppServer } from '../app-server.ts';
import { answer } from '../schemas/answer.ts';
import { errorAnswers } from '../schemas/error-schemas.ts';
import { OfferHealthAnswer, offerHealthQuery } from '../schemas/offer-health-schemas.ts';
import type { ServerParts } from '../server-parts.ts';
import { known } from '../views/known.ts';
import { offerHealthView } from '../views/offer-health-view.ts';

type OfferHealthParts = Pick<ServerParts, 'offerHealth' | 'providers'>;

export function registerOfferHealth(app: AppServer, parts: OfferHealthParts): void {
  const { offerHealth, providers } = parts;
  const schema = {
    operationId: 'listOfferHealth',
    summary: 'What is held against offers, machines, hosts and sites, and until when',
    description:
      'Failed launches that were the fault of the market, at each level that they have in common. They lower the `availability_confidence` of the offers there, the more the more they have in common with them.',
    tags: ['Offers'],
    querystring: offerHealthQuery(providers),
    response: {
      200: answer(OfferHealthAnswer, { description: 'One page of places.' }),
      ...errorAnswers(),
    },
  };
  app.get('/offer-health', { schema }, async (request) => {
    const { offer_id: offerId, provider, limit = 100, offset = 0 } = request.query;
    return offerHealthView(offerHealth.page({ limit, offset, ...known({ offerId, provider }) }));
  });
}
