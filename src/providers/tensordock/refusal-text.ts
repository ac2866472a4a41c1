/** What a provider's sentence means. Only adapters read sentences; everything above reads kinds. */
export type TextMeaning =
  /** The account cannot pay. */
  | 'no_funds'
  /** Machines are free and public addresses are not: the same site may still do with a forwarded port. */
  | 'no_public_ip'
  /** It began and broke off: something may be left. */
  | 'broke_off'
  | 'too_fast'
  | 'bad_credentials'
  /** The machine asked about does not exist. */
  | 'missing'
  /** The list was stale: this site cannot do it now. */
  | 'no_capacity'
  /** Somebody else bids more, or the host wants more. */
  | 'low_bid'
  /** The account's own limit, or more than may be asked for; another site would not help. */
  | 'over_limit'
  /** Reads like a full site and like a broken API; the status decides. */
  | 'perhaps_no_capacity';

/** Case-insensitive; the first match wins, so what is more certain or more particular stands first. */
const MEANINGS: readonly (readonly [TextMeaning, RegExp])[] = [
  ['no_funds', /\b(balance|funds?|credits?|payment)\b/],
  ['no_public_ip', /no (available )?public ips?\b/],
  ['broke_off', /unexpected error|internal (server )?error|timed out|time-?out/],
  ['low_bid', /\b(price|bid)\b.{0,30}too low|higher (price|bid)|bid higher/],
  ['too_fast', /too many requests|rate limit/],
  [
    'bad_credentials',
    /unauthori[sz]ed|not authori[sz]ed|authentication|credentials|invalid (api|auth|token)/,
  ],
  [
    'missing',
    /\b(instance|server|virtual ?machine|vm)s?\b[^.:;]{0,60}(not found|not exist|n't exist|no longer exists)|no such (instance|server|virtual ?machine|vm)\b/,
  ],
  [
    'no_capacity',
    /no available nodes|no nodes available|nodes unavailable|(insufficient|not enough) (capacity|resources|stock)|resource unavailable|out of stock|sold out|fully allocated/,
  ],
  [
    'no_capacity',
    /gpu unavailable|gpu (is )?not available|no gpus available|no matching gpu|gpu capacity|at capacity|no capacity|capacity limit|cannot allocate|allocation failed|resource limit/,
  ],
  [
    'no_capacity',
    /(datacenter|location|region|site|host ?node) (is )?(unavailable|offline|not available)/,
  ],
  ['no_capacity', /no longer available/],
  ['no_capacity', /\bports?\b.{0,40}(in use|taken|unavailable|not available|already)/],
  ['over_limit', /quota|limit reached|maximum/],
  ['no_capacity', /requested gpu/],
  ['perhaps_no_capacity', /temporarily unavailable|under maintenance|high demand/],
];

export function meaningOf(text: string): TextMeaning | undefined {
  const lower = text.toLowerCase();
  return MEANINGS.find(([, pattern]) => pattern.test(lower))?.[0];
}
