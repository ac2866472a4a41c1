/** A card as the menu shows it: one name for the same card, whichever marketplace sells it. */
export interface GpuName {
  readonly gpuType: string;
  /** Nominal GB per GPU. */
  readonly vramGb: number;
}

interface Model {
  /** Lower case, without vendor, brand, separators, interconnect and memory size: `rtx4090`, `h100`. */
  readonly model: string;
  /** `pcie`, `sxm`, `nvl`; '' when the name has none. */
  readonly bus: string;
  readonly vramGb: number;
}

type Naming = readonly [pattern: RegExp, name: (match: RegExpExecArray, card: Model) => string];

/** Names in which the interconnect tells cards apart that differ in speed and price. */
const BY_BUS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  a100: { sxm: 'A100 SXM4', pcie: 'A100 PCIE' },
  a800: { sxm: 'A800 SXM4', pcie: 'A800 PCIE' },
  h100: { sxm: 'H100 SXM', pcie: 'H100 PCIE', nvl: 'H100 NVL' },
  h200: { sxm: 'H200', pcie: 'H200 NVL', nvl: 'H200 NVL' },
  gh200: { sxm: 'GH200 SXM' },
};

/** RTX numbers that name both an old Quadro and an Ada card; the memory tells which. */
const QUADRO_VRAM_GB: Readonly<Record<string, number>> = { 4000: 8, 5000: 16, 6000: 24, 8000: 48 };

const PRO_EDITIONS: Readonly<Record<string, string>> = {
  ws: ' WS',
  workstation: ' WS',
  s: ' S',
  server: ' S',
  se: ' S',
  maxq: ' Max-Q',
};

/** First match wins; what matches nothing passes through in capitals. */
const NAMINGS: readonly Naming[] = [
  [/^rtxa100$/, (_, card) => busName('a100', card.bus)],
  [/^([agh]+\d+)$/, ([, model = ''], card) => busName(model, card.bus)],
  [/^([vtpmk]\d{1,3})$/, ([, model = '']) => `Tesla ${model.toUpperCase()}`],
  [/^a10g$/, () => 'A10g'],
  [/^rtxpro(\d+)(?:blackwell)?(ws|workstation|server|se|s|maxq)?(?:edition)?$/, proName],
  [/^rtx(\d{4})ada(?:generation)?$/, ([, number = '']) => `RTX ${number}Ada`],
  [/^quadrortx(\d{4})$/, ([, number = '']) => `Q RTX ${number}`],
  [/^rtx([4568]000)$/, quadroOrAda],
  [/^rtxa(\d{4})$/, ([, number = '']) => `RTX A${number}`],
  [/^rtx(\d{4})(super|s)?(ti)?(super|s)?$/, rtxName],
  [/^rtx(\d{4})d$/, ([, number = '']) => `RTX ${number}D`],
  [/^gtx(\d{3,4})(super|s)?(ti)?$/, gtxName],
  [/^titanrtx$/, () => 'Titan RTX'],
  [
    /^titan(v|xp|x)$/,
    ([, letter = '']) => `Titan ${letter.charAt(0).toUpperCase()}${letter.slice(1)}`,
  ],
];

const V0_NAME = /^(.+?)(?:-(pcie|sxm|nvl|oam)\d*)?-(\d+)gb$/;

/**
 * Reads `<model>-<pcie|sxmN>-<vram>gb`, e.g. `geforcertx4090-pcie-24gb`, into the spelling that the other
 * marketplace uses. Undefined when no memory size can be read: without one an offer cannot be placed honestly.
 */
export function gpuName(v0Name: string, displayName = ''): GpuName | undefined {
  const card = parseV0Name(v0Name) ?? parseDisplayName(v0Name, displayName);
  if (!card || card.vramGb <= 0) return undefined;
  return { gpuType: typeOf(card), vramGb: card.vramGb };
}

function typeOf(card: Model): string {
  for (const [pattern, name] of NAMINGS) {
    const match = pattern.exec(card.model);
    if (match) return name(match, card);
  }
  return passedThrough(card.model);
}

function parseV0Name(v0Name: string): Model | undefined {
  const match = V0_NAME.exec(v0Name.trim().toLowerCase());
  if (!match) return undefined;
  const [, model = '', bus = '', vram = ''] = match;
  return { model: bareModel(model), bus, vramGb: Number(vram) };
}

function parseDisplayName(v0Name: string, displayName: string): Model | undefined {
  const vram = /(\d+)\s*gb/i.exec(displayName)?.[1];
  if (vram === undefined) return undefined;
  const bus = /\b(pcie|sxm|nvl|oam)/i.exec(`${v0Name} ${displayName}`)?.[1] ?? '';
  const model = v0Name.toLowerCase().replace(/-(pcie|sxm|nvl|oam)\d*/, '');
  return { model: bareModel(model), bus: bus.toLowerCase(), vramGb: Number(vram) };
}

function bareModel(model: string): string {
  return model.replace(/[\s_-]+/g, '').replace(/^(nvidia|geforce|tesla)+/, '');
}

function busName(model: string, bus: string): string {
  return BY_BUS[model]?.[bus] ?? model.toUpperCase();
}

function proName([, number = '', edition = '']: RegExpExecArray): string {
  return `RTX PRO ${number}${PRO_EDITIONS[edition] ?? ''}`;
}

function quadroOrAda([, number = '']: RegExpExecArray, card: Model): string {
  return card.vramGb <= (QUADRO_VRAM_GB[number] ?? 0) ? `Q RTX ${number}` : `RTX ${number}Ada`;
}

function rtxName([, number = '', before, ti, after]: RegExpExecArray): string {
  return `RTX ${number}${before || after ? 'S' : ''}${ti ? ' Ti' : ''}`;
}

function gtxName([, number = '', superior, ti]: RegExpExecArray): string {
  return `GTX ${number}${superior ? ' S' : ''}${ti ? ' Ti' : ''}`;
}

function passedThrough(model: string): string {
  return model.toUpperCase().replace(/^(RTX|GTX|RX|PRO)(?=\d|[A-Z]\d)/, '$1 ');
}
