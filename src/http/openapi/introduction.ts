/** What holds for every operation; the OpenAPI document begins with it. */
export const INTRODUCTION = `A menu, not a middleman: finds GPUs at marketplaces, rents one, hands over a login, and makes sure that the rental ends and its cost is known.

**Start here.** \`GET /offers\` is what can be rented. \`POST /sessions\` rents; poll \`GET /sessions/{id}\` until its \`status\` is \`running\`, then log in with \`ssh_host\`, \`ssh_port\`, \`ssh_user\` and the key of the first answer. \`POST /sessions/{id}/done\` when the work is done. \`GET /costs\` says what it cost.

**Forms.** JSON in and out, names in \`snake_case\`, times in RFC 3339 UTC, money as numbers in US dollars, ids as texts. Fields of offers and sessions that are not known yet are left out; where \`null\` stands, the field says what it means. \`null\` for an optional field of a body counts as left out. Later versions may add fields to answers.

**Strictness.** Unknown query parameters and body fields are refused with the nearest known name, numbers out of range are refused and never clamped, and every problem of a request is told at once.

**Errors** all have one form: a sentence, a stable \`error_type\` for programs, and the \`request_id\`. Each operation lists those that it can give. A path that does not exist is 404 \`not_found\`, and a method that a path does not take is 405 \`method_not_allowed\` with \`Allow\`.

**Authentication.** A broker that was started with \`API_TOKENS\` needs \`Authorization: Bearer <token>\` for everything but \`/health\`, \`/ready\` and the machines' own heartbeats, which show their session's token; one without them listens on the loopback address only.

**Retrying.** Send an \`Idempotency-Key\` with \`POST /sessions\`: the same request sent again never rents twice.

**Older paths.** Every path also answers below \`/api/v1\`, where \`/api/v1/inventory\` is another name for \`/api/v1/offers\`.`;

export type Tag = 'Offers' | 'Templates' | 'Sessions' | 'Costs' | 'Orphans' | 'Operations';

const TAG_MEANING: Readonly<Record<Tag, string>> = {
  Offers: 'What can be rented now, from all providers, served from memory with its age.',
  Templates: 'Ready-made images of a marketplace, and which offers they fit.',
  Sessions: 'The promise that a machine is rented, reachable, paid for by the second, and ended.',
  Costs: 'What was spent, per session, consumer and period, as the providers bill it.',
  Orphans: 'Machines of ours that no session wants, where a person may have to decide.',
  Operations: 'How the broker is, and what it says of itself.',
};

export const TAGS = Object.entries(TAG_MEANING).map(([name, description]) => ({
  name,
  description,
}));
