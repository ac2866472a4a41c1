import { BrokerError } from '../../domain/errors.ts';

/** In the words in which a new session that names such an offer is refused. */
export function unknownOffer(id: string): BrokerError {
  return new BrokerError('not_found', `no offer ${id}; list the current ones with GET /offers`);
}
