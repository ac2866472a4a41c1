import { ProviderFailure } from '../domain/errors.ts';
import type { Observation } from '../domain/instance.ts';
import type { Provider } from '../ports/provider.ts';

/** Everything that the provider has for the account, or undefined when it could not say: a failed list is unknown, never empty. */
export async function completeList(
  provider: Provider,
): Promise<readonly Observation[] | undefined> {
  try {
    return await provider.list();
  } catch (error) {
    if (error instanceof ProviderFailure) return undefined;
    throw error;
  }
}
