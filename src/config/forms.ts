import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import type { Form, Parsed } from './variable.ts';

const DURATION = /^(\d{1,10})(ms|s|m|h)$/;
const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
};
/** Node's timers hold no more. */
const MAX_DURATION_MS = 2 ** 31 - 1;

const HOST = /^([A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$/;
const LISTED_HOST = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)$/;
const TOKEN = /^([A-Za-z0-9._-]{1,64}):([!-~]{1,512})$/;

export interface NamedToken {
  readonly name: string;
  readonly token: string;
}

/** A span of time in milliseconds, more than none. */
export const duration: Form<number> = {
  form: 'duration',
  parse(text) {
    const [, digits = '', unit = ''] = DURATION.exec(text) ?? [];
    const spanMs = Number(digits) * (UNIT_MS[unit] ?? 0);
    if (spanMs > 0 && spanMs <= MAX_DURATION_MS) return good(spanMs);
    return bad('must be a duration such as 500ms, 30s, 5m or 2h, up to 596h');
  },
};

export const flag: Form<boolean> = {
  form: 'true or false',
  parse(text) {
    return text === 'true' || text === 'false'
      ? good(text === 'true')
      : bad('must be true or false');
  },
};

export function integer(least: number, most: number): Form<number> {
  return {
    form: `${least} to ${most}`,
    parse(text) {
      const value = Number(text);
      const isFit = /^\d{1,10}$/.test(text) && value >= least && value <= most;
      return isFit ? good(value) : bad(`must be a whole number from ${least} to ${most}`);
    },
  };
}

/** Days that something is kept; 0 is for ever, and so never a short time. */
export function daysKept(least: number): Form<number> {
  const most = 36_500;
  return {
    form: `0, or ${least} to ${most}`,
    parse(text) {
      const days = Number(text);
      const isFit = /^\d{1,5}$/.test(text) && (days === 0 || (days >= least && days <= most));
      return isFit
        ? good(days)
        : bad(`must be 0, which is for ever, or a whole number of days from ${least} to ${most}`);
    },
  };
}

export function choice<const Values extends readonly string[]>(
  values: Values,
): Form<Values[number]> {
  const form = values.join(', ');
  return {
    form,
    parse(text) {
      const value: Values[number] | undefined = values.find((one) => one === text);
      return value === undefined ? bad(`must be one of ${form}`) : good(value);
    },
  };
}

export function text(pattern: RegExp, form: string): Form<string> {
  return {
    form,
    parse: (value) => (pattern.test(value) ? good(value) : bad(`must be ${form}`)),
  };
}

export const host: Form<string> = {
  form: 'address or name',
  parse: (value) => (HOST.test(value) ? good(value) : bad('must be an IP address or a host name')),
};

/** An absolute URL, without a slash at its end. */
export const baseUrl: Form<string> = {
  form: 'URL',
  parse(value) {
    const url = URL.canParse(value) ? new URL(value) : undefined;
    const isPlain =
      url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
    const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:';
    if (!isPlain || !isHttp)
      return bad('must be an http or https URL without login, query or fragment');
    return good(value.replace(/\/+$/, ''));
  },
};

export const hostList: Form<readonly string[]> = {
  form: 'names, by comma',
  parse(value) {
    const hosts = value.split(',').map((name) => name.trim());
    return hosts.every((name) => LISTED_HOST.test(name))
      ? good(hosts)
      : bad('must be host names without port, separated by commas');
  },
};

/** Several tokens may have one name, so that a caller's token can be changed without a gap. */
export const tokenList: Form<readonly NamedToken[]> = {
  form: 'name:token, by comma',
  parse(value) {
    const matches = value.split(',').map((entry) => TOKEN.exec(entry.trim()));
    const tokens = matches.map((match) => ({ name: match?.[1] ?? '', token: match?.[2] ?? '' }));
    if (matches.includes(null)) {
      return bad('must be name:token pairs separated by commas, names of A-Z a-z 0-9 . _ -');
    }
    const isDistinct = new Set(tokens.map(({ token }) => token)).size === tokens.length;
    return isDistinct ? good(tokens) : bad('must not give one token twice');
  },
};

function good<Value>(value: Value): Parsed<Value> {
  return { ok: true, value };
}

function bad(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}
