import { ProviderFailure } from '../../../domain/errors.ts';

/** Proves the pair of credentials once, and again after a call that was refused for it. */
export interface CredentialCheck {
  /** Throws when the pair is refused; what says nothing about the pair is left for the next time. */
  prove(): Promise<void>;
  /** Passes a call's result or failure on, and doubts the pair from now on when it was refused. */
  watch<Value>(call: Promise<Value>): Promise<Value>;
}

export function credentialCheck(test: () => Promise<void>): CredentialCheck {
  let isProven = false;
  return {
    async prove() {
      if (isProven) return;
      try {
        await test();
        isProven = true;
      } catch (error) {
        if (!(error instanceof ProviderFailure) || error.kind === 'unauthorized') throw error;
      }
    },
    async watch(call) {
      try {
        return await call;
      } catch (error) {
        if (error instanceof ProviderFailure && error.kind === 'unauthorized') isProven = false;
        throw error;
      }
    },
  };
}
