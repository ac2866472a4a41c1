import { Type } from '@sinclair/typebox';
import type { ProviderName } from '../../domain/ids.ts';
import { DECIDERS, HOLD_REASONS, ORPHAN_STATES } from '../../domain/orphan.ts';
import { closed, countOf, instant, oneOf, usd } from './fields.ts';
import { pageFields } from './offer-schemas.ts';

export function orphansQuery(providers: readonly ProviderName[]) {
  return closed({
    state: Type.Optional(oneOf(ORPHAN_STATES, { description: 'Only orphans in this state.' })),
    provider: Type.Optional(oneOf(providers, { description: 'Only orphans at this provider.' })),
    ...pageFields('orphans'),
  });
}

export const OrphanAnswer = closed(
  {
    id: Type.String({ description: 'What the other routes take.' }),
    provider: Type.String({ description: 'The marketplace that has it.' }),
    provider_instance_id: Type.String({
      description: "The provider's own id, as its console has it.",
    }),
    tag: Type.String({ description: 'The name or label by which it is ours.' }),
    session_id: Type.String({ description: 'Which session it was launched for, by its tag.' }),
    state: oneOf(ORPHAN_STATES, { description: 'What is done about it.' }),
    held_for: Type.Optional(
      oneOf(HOLD_REASONS, { description: 'Why it is not ended without being asked.' }),
    ),
    message: Type.String({ description: 'Why it is here and what can be done, for a person.' }),
    created_at: Type.Optional(instant("When it was made, by the provider's word.")),
    price_per_hour: Type.Optional(usd("Per hour, by the provider's word.")),
    detected_at: instant('When it was found to be wanted by no session.'),
    decided_by: oneOf(DECIDERS, {
      description: "Whether its state is the broker's word or somebody's.",
    }),
    terminate_attempts: countOf('How often its end was asked for.'),
    decided_at: instant('Since when it has been in its state.'),
  },
  { title: 'Orphan', description: 'A machine that carries our tag and that no session wants.' },
);

export const OrphansAnswer = closed(
  {
    orphans: Type.Array(OrphanAnswer, { description: 'Newest first.' }),
    count: countOf('On this page.'),
    total: countOf('All that match.'),
  },
  { title: 'OrphanPage' },
);

export const OrphanMessage = closed(
  {
    message: Type.String({ description: 'What was done, for a person.' }),
    orphan_id: Type.String({ description: 'The orphan.' }),
  },
  { title: 'OrphanMessage' },
);
