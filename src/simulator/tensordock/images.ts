/** v2 image ids (fact sheet §7 and the instances document) and how v0 names the same systems. */
const V0_NAME_BY_V2_IMAGE: Readonly<Record<string, string>> = {
  ubuntu2404: 'Ubuntu 24.04 LTS',
  ubuntu2204: 'Ubuntu 22.04 LTS',
  ubuntu2004: 'Ubuntu 20.04 LTS',
  debian12: 'Debian 12',
  windows10: 'Windows 10',
};

export const V2_IMAGES: readonly string[] = Object.keys(V0_NAME_BY_V2_IMAGE);

/** As the v0 deploy call lists them. */
export const V0_SYSTEMS: readonly string[] = [
  'Ubuntu 20.04 LTS',
  'Ubuntu 22.04 LTS',
  'TensorML 20 TensorFlow',
  'TensorML 20 PyTorch',
  'TensorML 20 Everything',
  'Windows 10',
];

/** How v0 shows a machine's system, whichever API made it. */
export function v0SystemOf(image: string): string {
  return V0_NAME_BY_V2_IMAGE[image] ?? image;
}

/** How v2 shows a machine's image; systems that v2 has no id for keep their v0 name. */
export function v2ImageOf(image: string): string {
  const known = Object.entries(V0_NAME_BY_V2_IMAGE).find(([, name]) => name === image);
  return known?.[0] ?? image;
}
