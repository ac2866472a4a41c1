import { readFileSync } from 'node:fs';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

const Threshold = Type.Object({
  color: Type.String(),
  value: Type.Union([Type.Number(), Type.Null()]),
});

/** What of Grafana's format is read here. */
const PanelJson = Type.Object({
  type: Type.String(),
  title: Type.String(),
  gridPos: Type.Object({
    x: Type.Number(),
    y: Type.Number(),
    w: Type.Number(),
    h: Type.Number(),
  }),
  targets: Type.Optional(
    Type.Array(Type.Object({ expr: Type.String(), legendFormat: Type.String() })),
  ),
  fieldConfig: Type.Optional(
    Type.Object({
      defaults: Type.Object({
        unit: Type.String(),
        thresholds: Type.Optional(Type.Object({ steps: Type.Array(Threshold) })),
      }),
    }),
  ),
});
const DashboardJson = Type.Object({
  title: Type.String(),
  annotations: Type.Object({ list: Type.Array(Type.Object({ expr: Type.String() })) }),
  panels: Type.Array(PanelJson),
});

type PanelRead = Static<typeof PanelJson>;

/** One box of the dashboard; places are in Grafana's grid of 24 columns. */
export interface Panel {
  readonly type: string;
  readonly title: string;
  readonly place: PanelRead['gridPos'];
  readonly unit: string;
  readonly thresholds: readonly Static<typeof Threshold>[];
  readonly queries: readonly Query[];
}

export interface Query {
  readonly expr: string;
  readonly legend: string;
}

export interface Dashboard {
  readonly title: string;
  readonly panels: readonly Panel[];
  /** Queries of what is marked in every panel, while they have an answer. */
  readonly marks: readonly string[];
}

export const DASHBOARD_FILE = 'deploy/grafana/dashboards/gpu-broker.json';

export function readDashboard(): Dashboard {
  const { title, annotations, panels } = Value.Parse(
    DashboardJson,
    JSON.parse(readFileSync(DASHBOARD_FILE, 'utf8')),
  );
  return {
    title,
    panels: panels.map(panelOf),
    marks: annotations.list.map(({ expr }) => expr),
  };
}

function panelOf({ type, title, gridPos, targets = [], fieldConfig }: PanelRead): Panel {
  return {
    type,
    title,
    place: gridPos,
    unit: fieldConfig?.defaults.unit ?? 'short',
    thresholds: fieldConfig?.defaults.thresholds?.steps ?? [],
    queries: targets.map(({ expr, legendFormat }) => ({ expr, legend: legendFormat })),
  };
}
