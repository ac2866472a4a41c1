import type { GpuVendor } from './offer.ts';

/** Names under which AMD's cards are sold: `Instinct MI300X`, `Radeon VII`, `RX 7900 XTX`, `PRO W7900`, `Pro V620`, `MI300X`. */
const AMD_NAMES = /^(instinct|radeon|rx ?\d|pro ?[wv]\d|mi\d)/i;

/** Whose card it is, by its name, where the marketplace does not say. */
export function gpuVendorOf(gpuType: string): GpuVendor {
  return AMD_NAMES.test(gpuType.replace(/^amd /i, '')) ? 'amd' : 'nvidia';
}
