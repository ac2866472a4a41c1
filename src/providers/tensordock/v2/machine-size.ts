import type { MachineSize } from '../listing.ts';

/** What is wanted as far as it fits, in even numbers, which v0 insists on for the same hosts; the last single one is taken as it is. */
export function sizeWithin(most: MachineSize, wanted: MachineSize): MachineSize {
  return {
    vcpus: evenWithin(Math.min(wanted.vcpus, most.vcpus)),
    ramGb: evenWithin(Math.min(wanted.ramGb, most.ramGb)),
  };
}

function evenWithin(most: number): number {
  return most >= 2 ? Math.floor(most / 2) * 2 : Math.floor(most);
}
