import { ProviderFailure } from '../../../domain/errors.ts';

/**
 * Whether the token opens machines. This API has no call that tells, and its discovery may answer anybody: a full menu
 * would prove nothing, and the first to hear of a wrong token would be the first launch.
 */
export interface TokenCheck {
  /** Learns from a call that takes the token; passes its answer on. */
  watch<Value>(call: Promise<Value>): Promise<Value>;
  /**
   * Fails as `unauthorized` for a token that is refused twice, as a single 401 has been seen with a good one. Asks only where
   * the calls so far leave it open; what else goes wrong says nothing of the token.
   */
  confirm(): Promise<void>;
}

export function createTokenCheck(probe: () => Promise<unknown>): TokenCheck {
  let isAccepted = false;
  const watch = async <Value>(call: Promise<Value>): Promise<Value> => {
    try {
      const value = await call;
      isAccepted = true;
      return value;
    } catch (error) {
      if (isRefusal(error)) isAccepted = false;
      throw error;
    }
  };
  return {
    watch,
    confirm: async () => {
      for (let refusals = 0; !isAccepted; refusals += 1) {
        try {
          await watch(probe());
        } catch (error) {
          if (!isRefusal(error)) return;
          if (refusals === 1) throw error;
        }
      }
    },
  };
}

function isRefusal(error: unknown): boolean {
  return error instanceof ProviderFailure && error.kind === 'unauthorized';
}
