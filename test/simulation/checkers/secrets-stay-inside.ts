import type { Checker } from './violation.ts';

/** Promise 7: no credential and no private key in anything that an operator or a stranger could read. */
export const secretsStayInside: Checker = {
  name: 'secrets stay inside',
  onSaid: ({ market }, text) => {
    const secrets = [...Object.values(market.credentials), PRIVATE_KEY];
    return secrets.some((secret) => text.includes(secret)) ? `it was said: ${text}` : undefined;
  },
  onRent: ({ market }, instance) =>
    market.keys(instance.id).some((key) => key.includes(PRIVATE_KEY))
      ? `the private key of ${instance.label ?? instance.id} is on its machine`
      : undefined,
};

/** What every private key of the harness begins with. */
const PRIVATE_KEY = 'private:';
