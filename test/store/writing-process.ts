import { openStore } from '../../src/store/open-store.ts';
import { DEPLOYMENT, session, sessionId } from '../support/builders.ts';

/** Saves one session over and over, and says each version when its save has returned, until it is killed. */
const [, , path = ''] = process.argv;
const { store } = await openStore({ path, newDeploymentId: () => DEPLOYMENT });
await store.create({ session: session(), events: [] });
for (let version = 1; ; version += 1) {
  const event = {
    kind: 'session_extended',
    at: version,
    sessionId: sessionId(),
    expiresAt: version,
  } as const;
  await store.save(session({ version }), [event]);
  process.stdout.write(`${version}\n`);
}
