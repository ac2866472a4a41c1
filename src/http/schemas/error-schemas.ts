import { Type } from '@sinclair/typebox';
import { ERROR_STATUS, type ErrorCode } from '../../domain/errors.ts';
import { closed, countOf, instant, usd } from './fields.ts';

const Details = Type.Array(
  closed(
    {
      path: Type.String({ description: "The field at fault, in the caller's own names." }),
      message: Type.String({ description: 'What is wrong with it; reads on from the path.' }),
    },
    { description: 'One problem.' },
  ),
  { description: 'Every problem of the request at once.' },
);

const MissedValues = closed(
  {
    min_vram: Type.Optional(Type.Number({ description: 'Nominal GB per GPU.' })),
    min_gpu_count: Type.Optional(Type.Integer({ description: 'Number of GPUs.' })),
    min_reliability: Type.Optional(Type.Number({ description: '0 to 1.' })),
    min_availability_confidence: Type.Optional(Type.Number({ description: '0 to 1.' })),
    max_price: Type.Optional(usd('Per hour for the whole offer, all in.')),
  },
  { description: 'What it has where it falls short of a number, under the name of the filter.' },
);

const NearestMiss = closed(
  {
    offer_id: Type.String({ description: 'The offer that came nearest.' }),
    missing: Type.Array(Type.String({ description: 'Its name as a parameter.' }), {
      description: 'Filters that it does not satisfy.',
    }),
    price_per_hour: usd('What it costs per hour, all in.'),
    values: Type.Optional(MissedValues),
  },
  { description: 'The offer to which least is lacking; one of the right kind before all others.' },
);

const WishedFor = Type.Union([Type.String(), Type.Number()]);

const briefFields = {
  offer_id: Type.String({ description: 'The offer.' }),
  provider: Type.String({ description: 'The marketplace.' }),
  gpu_type: Type.String({ description: 'Type of the GPUs.' }),
  gpu_count: Type.Integer({ minimum: 1, description: 'Number of GPUs.' }),
  location: Type.String({ description: 'Where it stands, for a person.' }),
  price_per_hour: usd('Per hour, all in, with the disk and at the bid that are asked for.'),
};

const NearMiss = closed(
  {
    ...briefFields,
    missing: Type.Array(
      closed(
        {
          filter: Type.String({ description: 'Its name as a parameter.' }),
          wanted: Type.Optional({ ...WishedFor, description: 'What was asked for.' }),
          offered: Type.Optional({ ...WishedFor, description: 'What the offer has.' }),
        },
        { description: 'Something asked for that it does not have.' },
      ),
      { description: 'What it does not satisfy.' },
    ),
  },
  { description: 'An offer that comes near, and what it would take.' },
);

const RemovedBy = closed(
  {
    filter: Type.String({ description: 'Its name as a parameter.' }),
    removed: countOf('Offers that do not satisfy it.'),
    removed_alone: countOf('Offers that satisfy all else: they would match without it.'),
  },
  { description: 'One thing asked for.' },
);

const errorFields = {
  error: Type.String({ description: 'A sentence for a person.' }),
  error_type: Type.String({
    description: `A stable code for a program: ${Object.keys(ERROR_STATUS).join(', ')}.`,
  }),
  request_id: Type.String({ description: 'As in the X-Request-ID header and on the log lines.' }),
  details: Type.Optional(Details),
  message: Type.Optional(Type.String({ description: 'What to do now.' })),
  retry_suggested: Type.Optional(Type.Boolean({ description: 'Whether another try can succeed.' })),
  offer_id: Type.Optional(Type.String({ description: 'The offer that it is about.' })),
  provider: Type.Optional(Type.String({ description: 'The marketplace that it is about.' })),
  session_id: Type.Optional(Type.String({ description: 'The session that it is about.' })),
  available_gb: Type.Optional(Type.Number({ description: 'GB of disk that the offer can give.' })),
  requested_gb: Type.Optional(Type.Number({ description: 'GB of disk that were asked for.' })),
  required_gb: Type.Optional(
    Type.Number({ description: 'GB of disk that the model or the template needs at least.' }),
  ),
  model_gb: Type.Optional(
    Type.Number({ description: 'GB of that for the model’s files, by the size in its name.' }),
  ),
  image_gb: Type.Optional(Type.Number({ description: 'GB of that for the server’s image.' })),
  price_per_hour: Type.Optional(usd('What the offer costs per hour with the disk asked for.')),
  needed_usd: Type.Optional(
    usd('What this reservation and all that are open need to their ends at the marketplace.'),
  ),
  balance_usd: Type.Optional(usd('What is left on the account there.')),
  min_bid: Type.Optional(
    usd(
      'The least bid per hour that is taken for the offer now, for the machine without its disk.',
    ),
  ),
  total_offers: Type.Optional(countOf('Offers on the menu now.')),
  most_restrictive: Type.Optional(
    closed(
      {
        filter: Type.String({ description: 'Its name as a parameter.' }),
        removed: countOf('How many offers it removed.'),
      },
      { description: 'The filter that removed most offers.' },
    ),
  ),
  nearest_miss: Type.Optional(NearestMiss),
  filters: Type.Optional(
    Type.Array(RemovedBy, { description: 'Whatever removed any, that which removed most first.' }),
  ),
  near_misses: Type.Optional(
    Type.Array(NearMiss, {
      description: 'Up to three, nearest first; of those that lack the same the nearest one.',
    }),
  ),
  last_match_at: Type.Optional(
    instant('When an offer was last seen that would have matched, within the last day.'),
  ),
  last_match_offer: Type.Optional(closed(briefFields, { description: 'That offer.' })),
  max_expires_at: Type.Optional(instant('The latest end that the session may be moved to.')),
};

/** Every error has this form. Fields after the third belong to single codes; see docs/http-api.md. */
export const ErrorAnswer = closed(errorFields, {
  title: 'Error',
  description: 'Why a request was refused. Fields after the third belong to single codes.',
});

/** Under this name a response's schema carries the codes that belong to it; it does not reach the document. */
export const ERROR_CODES = 'x-error-codes';

/**
 * What a route answers when it refuses: `response: { 200: OfferAnswer, ...errorAnswers('not_found') }`. Only the codes
 * that are the route's own are named. The OpenAPI document adds those that follow from the rest of its declaration:
 * `validation_error`, `forbidden`, `rate_limited` and `internal` for each, `unauthorized` unless `config.isPublic`,
 * `not_ready` with `config.changesRentals`, and those of a body where there is one. Besides its errors a route declares
 * an `operationId`, a `summary`, `tags`, and, where one sentence is not enough, a `description`.
 */
export function errorAnswers(...codes: readonly ErrorCode[]) {
  return { '4xx': errorsWithin(codes, 400), '5xx': errorsWithin(codes, 500) };
}

/** One form for all of them: it is the document that tells them apart. */
function errorsWithin(codes: readonly ErrorCode[], hundred: 400 | 500): typeof ErrorAnswer {
  const own = codes.filter((code) => ERROR_STATUS[code] - (ERROR_STATUS[code] % 100) === hundred);
  return { ...ErrorAnswer, [ERROR_CODES]: own };
}
