import type { Static } from '@sinclair/typebox';
import type { Incident, IncidentFacts } from '../../domain/incident.ts';
import { toRfc3339 } from '../../domain/time.ts';
import type { IncidentAnswer } from '../schemas/health-schemas.ts';

export function incidentView({ facts, place, since }: Incident): Static<typeof IncidentAnswer> {
  return {
    kind: facts.kind,
    ...(place && { provider: place.provider, api: place.api }),
    since: toRfc3339(since),
    message: messageOf(facts),
  };
}

/** What it means and what the operator can do. */
function messageOf(facts: IncidentFacts): string {
  switch (facts.kind) {
    case 'mass_absence':
      return `The provider's list leaves out ${facts.missing} of the ${facts.expected} instances that should be in it. The list is doubted, and no session is given up for it; look into the provider's console.`;
    case 'orphans_held':
      return `Instances of ours that no session wants wait for a person to decide, and cost money meanwhile: ${facts.count} of them. See GET /orphans?state=held.`;
    case 'list_failing':
      return `Several lists in a row failed (${facts.failure}), so nobody knows what runs here: sessions stay as they are, and what nobody wants is not found. The lines "provider call failed" in the log say more.`;
    case 'api_not_configured':
      return `This API is not configured, and ${facts.instances} of our instances may stand there: they can neither be seen nor ended. Configure it again until they have ended, or end them in the provider's console.`;
    case 'store_failing':
      return 'The database takes no writes: nothing is rented, and sessions may not end, until it does again. Look at its disk for free space, at its file for permissions, and for another program that holds it locked, such as a database shell.';
  }
}
