import { BrokerError } from '../domain/errors.ts';
import type { AttemptFailure, Instance } from '../domain/instance.ts';

/** A failed launch in the caller's terms: what happened, and whether trying again makes sense. */
export function refusalOf(instance: Instance, failure: AttemptFailure): BrokerError {
  const about = { offer_id: instance.offer.id, provider: instance.provider };
  switch (failure.code) {
    case 'no_capacity':
    case 'not_found':
      return new BrokerError('stale_inventory', 'offer unavailable due to stale inventory', {
        ...about,
        retry_suggested: true,
        message:
          'The selected offer is no longer available. Please refresh inventory and select a different offer.',
      });
    case 'insufficient_funds':
      return providerError(
        'the provider refuses: the account lacks credit or is at its limit',
        about,
      );
    case 'unauthorized':
      return providerError('the provider refuses the credentials of this broker', about);
    case 'invalid':
      return providerError(`the provider refuses the request: ${failure.message}`, about);
    default:
      return new BrokerError('provider_unavailable', 'the provider did not take the launch', {
        ...about,
        retry_suggested: true,
      });
  }
}

function providerError(message: string, about: Readonly<Record<string, string>>): BrokerError {
  return new BrokerError('provider_error', message, { ...about, retry_suggested: false });
}
