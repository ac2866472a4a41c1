/** For a whole try to log in: longer than all its phases together, each of which has a deadline of its own. */
export const PROOF_DEADLINE_MS = 60_000;
