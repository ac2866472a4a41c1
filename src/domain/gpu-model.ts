/** A card by what tells it from others. What a name leaves out is undefined, and is held against nobody. */
interface Card {
  readonly model: string;
  readonly edition: string | undefined;
  readonly bus: 'sxm' | 'pcie' | undefined;
}

/** Words that tell nothing, or what the memory's own figure tells better. */
const NOISE =
  /^(nvidia|geforce|tesla|quadro|grid|vgpu|mig|device|gpu|generation|edition|blackwell|hopper|ampere|with|design|collectors|active|ac|sff|dgxs|hbm\d*e?|\d+gb|\d+g\.\d+gb|\d+[qcab])$/;
const BUSES: readonly (readonly [RegExp, 'sxm' | 'pcie'])[] = [
  [/^sxm\d*$/, 'sxm'],
  [/^(pcie|fhhl|nvl)$/, 'pcie'],
];
const PRO_EDITIONS: readonly (readonly [RegExp, string])[] = [
  [/maxq/, 'max-q'],
  [/laptop|mobile/, 'laptop'],
  [/^(ws|workstation)/, 'workstation'],
  [/^(s|se|server)$/, 'server'],
];
/** Makers whose cards NVIDIA's driver says nothing of, by the marketplaces' spellings. */
const OTHER_MAKERS = /^(amd\b|rx ?\d|radeon|instinct|mi\d|pro ?[vw] ?\d|arc\b|intel|gaudi)/i;

/** Whether `nvidia-smi` is where to ask about a card of the menu. */
export function isNvidia(gpuType: string): boolean {
  return !OTHER_MAKERS.test(gpuType);
}

/**
 * Whether the driver's name for a card means the one that the menu calls so. Drivers write `NVIDIA A100-SXM4-80GB` and
 * `NVIDIA GeForce RTX 4070 Ti SUPER` for what is on the menu as `A100 SXM4` and `RTX 4070S Ti`; slices of a card carry their
 * profile in the name. How much memory it has is not told here.
 */
export function isSameCard(gpuType: string, driverName: string): boolean {
  const offered = cardOf(gpuType);
  const found = cardOf(driverName);
  // A card that is newer than its driver is a "Graphics Device".
  if (found.model === '' || found.model === 'graphics') return true;
  return (
    offered.model === found.model &&
    isCompatible(offered.edition, found.edition) &&
    isCompatible(offered.bus, found.bus)
  );
}

function isCompatible<Value>(offered: Value | undefined, found: Value | undefined): boolean {
  return offered === undefined || found === undefined || offered === found;
}

function cardOf(name: string): Card {
  const words = name
    .toLowerCase()
    .replace(/\([^)]*\)/g, ' ')
    .split(/[^a-z0-9.]+/)
    .filter((word) => word !== '' && !NOISE.test(word));
  const bus = BUSES.find(([pattern]) => words.some((word) => pattern.test(word)))?.[1];
  const own = words.filter((word) => !BUSES.some(([pattern]) => pattern.test(word)));
  // `Q RTX 8000` is how one marketplace writes Quadro.
  const spelt = own[0] === 'q' ? own.slice(1) : own;
  // Brands in front of a number tell nothing that the number does not.
  const bare = spelt.join('').replace(/^(rtx|gtx|gt)(?=\d|a\d|pro|titan)/, '');
  return { ...modelOf(bare), bus };
}

function modelOf(bare: string): Pick<Card, 'model' | 'edition'> {
  const pro = /^(pro\d+)(.*)$/.exec(bare);
  if (pro) {
    const [, model = '', rest = ''] = pro;
    return { model, edition: PRO_EDITIONS.find(([pattern]) => pattern.test(rest))?.[1] };
  }
  const [, number = '', rest = ''] = /^(\d{3,4})(.*)$/.exec(bare) ?? [];
  const model = number === '' ? bare : number + suffixOf(rest);
  // A V100S is a V100 with a higher clock, and sold as one.
  return { model: model === 'v100s' ? 'v100' : model, edition: undefined };
}

/** `Ti SUPER` and `S Ti` are one. */
function suffixOf(rest: string): string {
  return rest.replace('super', 's').replace('mobile', 'laptop').replace(/^tis/, 'sti');
}
