import { Type } from '@sinclair/typebox';
import { FAILURE_TYPES } from '../../domain/failure-words.ts';
import type { ProviderName } from '../../domain/ids.ts';
import { closed, countOf, instant, oneOf, share } from './fields.ts';
import { pageFields } from './offer-schemas.ts';

/** What launches may have in common, from the most to the least telling, as callers know it. */
export const HEALTH_LEVELS = ['offer', 'machine', 'host', 'gpu_at_site', 'site'] as const;

export function offerHealthQuery(providers: readonly ProviderName[]) {
  return closed({
    offer_id: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'Only what bears on this offer, whether or not it is on the menu now.',
      }),
    ),
    provider: Type.Optional(oneOf(providers, { description: 'Only places at this provider.' })),
    ...pageFields('places'),
  });
}

const HeldAgainstAnswer = closed(
  {
    level: oneOf(HEALTH_LEVELS, {
      description: 'What the launches had in common, from the most to the least telling.',
    }),
    id: Type.String({ description: 'Of the offer, machine, host or site.' }),
    provider: Type.String({ description: 'The marketplace.' }),
    gpu_type: Type.Optional(
      Type.String({ description: 'Where all launches there were of one type of GPU.' }),
    ),
    availability_confidence: share(
      'Estimated chance of a launch there, as of an offer of which nothing more is known.',
    ),
    prior: share('The same without any experience.'),
    failures: countOf('Launches that are held against it, of the last seven days.'),
    successes: countOf('Launches that speak for it, of the last seven days.'),
    last_error_type: Type.Optional(
      oneOf(FAILURE_TYPES, { description: 'What went wrong with the latest that failed.' }),
    ),
    last_failed_at: instant('When the latest failed.'),
    held_until: Type.Optional(
      instant('Until then it is not on the menu at all. Left out where it is merely ranked low.'),
    ),
    forgotten_at: instant('When less than a twentieth of one failure is left of it.'),
  },
  { title: 'HeldAgainst', description: 'What is held against one place.' },
);

export const OfferHealthAnswer = closed(
  {
    places: Type.Array(HeldAgainstAnswer, { description: 'The latest failure first.' }),
    count: countOf('On this page.'),
    total: countOf('All that match.'),
  },
  { title: 'OfferHealthPage' },
);
