import { Type } from '@sinclair/typebox';
import { PREFERENCES } from '../../domain/session.ts';
import { closed, countOf, oneOf, share, usd } from './fields.ts';

export const planQuery = closed({
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 10,
      description: 'How many candidates to show at most.',
    }),
  ),
});

const PlannedOffer = closed(
  {
    offer_id: Type.String({ description: 'What `offer_id` of a new session takes.' }),
    provider: Type.String({ description: 'The marketplace.' }),
    gpu_type: Type.String({ description: 'Type of the GPUs.' }),
    gpu_count: Type.Integer({ minimum: 1, description: 'Number of GPUs.' }),
    vram_gb: Type.Integer({ minimum: 0, description: 'Nominal GB per GPU.' }),
    location: Type.String({ description: 'Where it stands, for a person.' }),
    price_per_hour: usd('Per hour, all in, with the disk and at the bid that are asked for.'),
    reliability: share('How reliable the provider says that it is.'),
    availability_confidence: share('Estimated chance that a launch comes up and serves.'),
    expected_cost: usd(
      'What a session that works is expected to cost on it in all, with launches that fail and the time that they take.',
    ),
    cost_parts: closed(
      {
        rent: usd('The price, for the whole reservation.'),
        start: usd('Traffic, what is billed, and the wait until it is up.'),
        failures: usd('Launches of its like that fail before one works, and the wait for them.'),
      },
      { description: 'The parts of `expected_cost`; together they are it.' },
    ),
    reasons: Type.Array(Type.String({ description: 'A sentence.' }), {
      description: 'Why it stands where it does, for a person.',
    }),
  },
  { title: 'PlannedOffer', description: 'An offer that would be tried.' },
);

const Shortfall = closed(
  {
    provider: Type.String({ description: 'The marketplace.' }),
    offers: countOf('Offers that fit and that its account does not carry.'),
    needed_usd: usd(
      'What the best of them and all reservations that are open need to their ends there.',
    ),
    balance_usd: usd('What is left on the account.'),
  },
  { description: 'An account that does not carry some of what fits.' },
);

export const PlanAnswer = closed(
  {
    candidates: Type.Array(PlannedOffer, {
      description:
        'What would be rented, and after it, should it fail, what would be tried next, in this order.',
    }),
    count: countOf('Candidates shown.'),
    total: countOf('Offers that fit, those that no account carries too.'),
    ranked_by: oneOf([...PREFERENCES, 'offer_id'], {
      description: 'What the order is by; `offer_id` where an offer is named.',
    }),
    disk_gb: Type.Integer({ description: 'GB of disk that would be asked for.' }),
    max_attempts: countOf('Offers that would be tried at most.'),
    search_timeout_minutes: Type.Number({
      description: 'Minutes after which no other offer would be tried.',
    }),
    budget: closed(
      {
        verdict: oneOf(['enough', 'partly'], {
          description:
            '`enough` where the accounts carry all that fits, or their balances are not known; `partly` where some of it is left out for them.',
        }),
        shortfalls: Type.Array(Shortfall, { description: 'Where the balance does not do.' }),
      },
      { description: 'Whether the accounts can pay for it to the end of the reservation.' },
    ),
  },
  { title: 'SessionPlan', description: 'What a session would be given; nothing is rented.' },
);
