/** A place as an API writes it, and as the menu has it. */
export interface Place<Written> {
  readonly written: Written;
  readonly location: string;
  /** Two upper-case letters, or '' where nobody can tell. */
  readonly country: string;
}

/** `geolocation`: "Region, CC", and what else was seen (Vast.ai facts §6.2 and §17.18). */
// biome-ignore format: one place a line reads as the table that it is.
export const VASTAI_PLACES: readonly Place<string | null>[] = [
  { written: 'Quebec, CA', location: 'Quebec, CA', country: 'CA' },
  { written: 'California, US', location: 'California, US', country: 'US' },
  { written: 'Texas, US', location: 'Texas, US', country: 'US' },
  { written: 'Sweden, SE', location: 'Sweden, SE', country: 'SE' },
  { written: 'Norway, NO', location: 'Norway, NO', country: 'NO' },
  { written: 'Czechia, CZ', location: 'Czechia, CZ', country: 'CZ' },
  { written: 'Bulgaria, BG', location: 'Bulgaria, BG', country: 'BG' },
  { written: 'Hesse, DE', location: 'Hesse, DE', country: 'DE' },
  { written: 'Île-de-France, FR', location: 'Île-de-France, FR', country: 'FR' },
  { written: 'England, GB', location: 'England, GB', country: 'GB' },
  { written: 'London, UK', location: 'London, UK', country: 'GB' },
  { written: 'Seoul, KR', location: 'Seoul, KR', country: 'KR' },
  { written: 'Tokyo, JP', location: 'Tokyo, JP', country: 'JP' },
  { written: 'Taiwan, TW', location: 'Taiwan, TW', country: 'TW' },
  { written: 'Vietnam, VN', location: 'Vietnam, VN', country: 'VN' },
  { written: 'New South Wales, AU', location: 'New South Wales, AU', country: 'AU' },
  { written: ', US', location: 'US', country: 'US' },
  { written: 'California, United States', location: 'California, United States', country: 'US' },
  { written: 'Amsterdam, North Holland, The Netherlands', location: 'Amsterdam, North Holland, The Netherlands', country: 'NL' },
  { written: 'US', location: 'US', country: 'US' },
  { written: 'Singapore, Singapore', location: 'Singapore', country: 'SG' },
  { written: 'Somewhere', location: 'Somewhere', country: '' },
  { written: 'Texas, Elbonia', location: 'Texas, Elbonia', country: '' },
  { written: '  Ontario ,  CA ', location: 'Ontario, CA', country: 'CA' },
  { written: '', location: '', country: '' },
  { written: null, location: '', country: '' },
];

type Parts = readonly [city: string | null, region: string | null, country: string | null];

/** `city`, `stateprovince` or `region`, and `country` by its English name (TensorDock facts §2 and §8, both documents). */
// biome-ignore format: one place a line reads as the table that it is.
export const TENSORDOCK_PLACES: readonly Place<Parts>[] = [
  { written: ['Chubbuck', 'Idaho', 'United States'], location: 'Chubbuck, Idaho, United States', country: 'US' },
  { written: ['Joplin', 'Missouri', 'United States'], location: 'Joplin, Missouri, United States', country: 'US' },
  { written: ['Manassas', 'Virginia', 'United States'], location: 'Manassas, Virginia, United States', country: 'US' },
  { written: ['Orlando', 'Florida', 'United States'], location: 'Orlando, Florida, United States', country: 'US' },
  { written: ['Austin', 'Texas', 'United States'], location: 'Austin, Texas, United States', country: 'US' },
  { written: ['Winnipeg', 'Manitoba', 'Canada'], location: 'Winnipeg, Manitoba, Canada', country: 'CA' },
  { written: ['Ottawa', 'Ontario', 'Canada'], location: 'Ottawa, Ontario, Canada', country: 'CA' },
  { written: ['Kraków', 'Małopolska', 'Poland'], location: 'Kraków, Małopolska, Poland', country: 'PL' },
  { written: ['Frankfurt', 'Hesse', 'Germany'], location: 'Frankfurt, Hesse, Germany', country: 'DE' },
  { written: ['London', 'England', 'United Kingdom'], location: 'London, England, United Kingdom', country: 'GB' },
  { written: ['London', 'England', 'UK'], location: 'London, England, UK', country: 'GB' },
  { written: ['Mumbai', 'Maharashtra', 'India'], location: 'Mumbai, Maharashtra, India', country: 'IN' },
  { written: ['Texas', 'Texas', 'United States'], location: 'Texas, United States', country: 'US' },
  { written: ['Singapore', 'Singapore', 'Singapore'], location: 'Singapore', country: 'SG' },
  { written: ['Prague', null, 'Czech Republic'], location: 'Prague, Czech Republic', country: 'CZ' },
  { written: ['Seoul', '', 'South Korea'], location: 'Seoul, South Korea', country: 'KR' },
  { written: [null, null, 'Norway'], location: 'Norway', country: 'NO' },
  { written: ['Dallas', 'Texas', 'USA'], location: 'Dallas, Texas, USA', country: 'US' },
  { written: ['Dallas', 'Texas', 'US'], location: 'Dallas, Texas, US', country: 'US' },
  { written: ['Dallas', 'Texas', 'united states'], location: 'Dallas, Texas, united states', country: 'US' },
  { written: ['Mudville', 'Mud', 'Elbonia'], location: 'Mudville, Mud, Elbonia', country: '' },
  { written: ['constructor', null, 'constructor'], location: 'constructor', country: '' },
  { written: ['Dallas', 'Texas', null], location: 'Dallas, Texas', country: '' },
];
