import { Type } from '@sinclair/typebox';
import { byName, closed, countOf, formed, instant, usd } from './fields.ts';
import { consumerId } from './session-schemas.ts';

export const PERIODS = ['daily', 'monthly'] as const;

const day = (description: string) =>
  formed('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', { meaning: 'a date as YYYY-MM-DD', description });

export const CostsQuery = closed({
  session_id: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'Cost of this session alone.' }),
  ),
  consumer_id: Type.Optional(consumerId('Only sessions of this consumer.')),
  start_date: Type.Optional(day('First UTC day, included.')),
  end_date: Type.Optional(day('Last UTC day, included.')),
  period: Type.Optional(
    Type.Unsafe<(typeof PERIODS)[number]>({
      type: 'string',
      enum: [...PERIODS],
      description: 'Adds one entry for each day or month.',
    }),
  ),
});

export const MonthQuery = closed({
  consumer_id: Type.Optional(consumerId('Only sessions of this consumer.')),
});

const Currency = Type.Literal('USD', { description: 'Of every amount here.' });
const hoursUsed = Type.Number({ minimum: 0, description: 'Hours in which a GPU was billed.' });

export const ReconciledAnswer = closed(
  {
    billed_total: usd('What the providers say they have charged, traffic included.'),
    traffic: usd('The part of it that is traffic, which total_cost knows nothing of.'),
    estimated_total: usd("What the broker's own ledger says of the same machines."),
    drift: usd('billed_total less traffic less estimated_total: what the ledger missed.'),
    sessions: countOf('Sessions that these machines were of.'),
    as_of: instant('When the newest of these charges was read.'),
  },
  {
    title: 'ReconciledCost',
    description:
      'Machines that are gone and whose charges the provider has told, whole, whenever they ran; absent while there are none.',
  },
);

export const SessionCostAnswer = closed(
  {
    session_id: Type.String({ description: 'The session.' }),
    total_cost: usd('So far.'),
    currency: Currency,
    reconciled: Type.Optional(ReconciledAnswer),
  },
  { title: 'SessionCost' },
);

const PeriodAnswer = closed(
  {
    start: instant('First second.'),
    end: instant('Last second.'),
    total_cost: usd('In the period.'),
    session_count: countOf('Sessions that cost something in the period.'),
    hours_used: hoursUsed,
  },
  { title: 'CostPeriod', description: 'One day or month of the window.' },
);

const part = usd('Its part of the total.');

export const CostSummaryAnswer = closed(
  {
    consumer_id: Type.String({ description: "Whose sessions; '' for those of all." }),
    total_cost: usd('In the window.'),
    currency: Currency,
    session_count: countOf('Sessions that cost something in the window.'),
    hours_used: hoursUsed,
    by_provider: byName(part, { description: 'By marketplace.' }),
    by_gpu_type: byName(part, { description: 'By type of GPU.' }),
    period_start: instant('First second of the window.'),
    period_end: instant('Last second of the window.'),
    reconciled: Type.Optional(ReconciledAnswer),
    periods: Type.Optional(
      Type.Array(PeriodAnswer, { description: 'With `period`: each day or month of the window.' }),
    ),
  },
  { title: 'CostSummary' },
);
