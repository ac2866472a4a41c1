import { describe, expect, test } from 'vitest';
import {
  countryCode,
  countryOf,
  joinPlace,
  locationMatches,
  namesCountries,
} from '../../src/domain/location.ts';

describe('a country', () => {
  test.each([
    ['Germany', 'DE'],
    [' united states ', 'US'],
    ['USA', 'US'],
    ['South Korea', 'KR'],
    ['The Netherlands', 'NL'],
    ['United Kingdom', 'GB'],
    ['UK', 'GB'],
    ['NL', 'NL'],
    ['Atlantis', ''],
    ['', ''],
    ['nl', ''],
  ])('%j has the code %j', (name, code) => {
    expect(countryCode(name)).toBe(code);
  });

  test.each(['constructor', '__proto__', 'toString', 'valueOf', 'hasOwnProperty'])(
    'a name that objects have, such as %j, names no country',
    (name) => {
      expect(countryCode(name)).toBe('');
    },
  );

  test.each([
    ['California, US', 'US'],
    ['Chubbuck, Idaho, United States', 'US'],
    ['Sweden', 'SE'],
    ['Sweden, SE', 'SE'],
    ['Somewhere, Nowhere', ''],
    [', ', ''],
    ['', ''],
  ])('the country of %j is %j', (place, code) => {
    expect(countryOf(place)).toBe(code);
  });
});

test.each([
  [['Chubbuck', 'Idaho', 'United States'], 'Chubbuck, Idaho, United States'],
  [['Singapore', 'singapore', 'Singapore'], 'Singapore'],
  [[null, ' Ohio ', undefined, '', 'US'], 'Ohio, US'],
  [[], ''],
])('the parts %j make the place %j', (parts, place) => {
  expect(joinPlace(parts)).toBe(place);
});

describe('a place is found', () => {
  const chicago = { location: 'Chicago, Illinois, US', country: 'US' };
  const newYork = { location: 'New York, NY, US', country: 'US' };
  const london = { location: 'London, GB', country: 'GB' };
  const nowhere = { location: 'Rack 7, us east', country: '' };
  test.each([
    [chicago, 'chicago', true],
    [chicago, 'ILLINOIS', true],
    [chicago, 'Chicago, Illinois', true],
    [chicago, 'us', true],
    [chicago, 'US', true],
    [chicago, 'chic', false],
    [chicago, 'Illinois Chicago', false],
    [chicago, 'Chicago US', false],
    [chicago, 'il', false],
    [chicago, 'de', false],
    [newYork, 'york', true],
    [newYork, 'new york', true],
    // Two letters are a country and never a state: New York is not in a country NY.
    [newYork, 'ny', false],
    [newYork, 'York, NY', true],
    [newYork, 'NY, US', true],
    [{ location: 'Chicago, Illinois, US', country: 'US' }, 'NY, US', false],
    [london, 'uk', true],
    [london, 'gb', true],
    [nowhere, 'us', true],
    [nowhere, 'de', false],
    [nowhere, '7', true],
    [nowhere, '', false],
    [nowhere, ' , ', false],
    [{ location: 'Zürich, Schweiz', country: 'CH' }, 'zürich', true],
    [{ location: '東京, JP', country: 'JP' }, '東京', true],
    [{ location: '', country: '' }, 'us', false],
  ])('%j by %j: %s', (place, query, isFound) => {
    expect(locationMatches(place, query)).toBe(isFound);
  });
});

describe('several countries', () => {
  const atlanta = { location: 'Atlanta, Georgia, US', country: 'US' };
  const berlin = { location: 'Berlin, Germany', country: 'DE' };

  test.each(['US,DE', 'us, de', 'DE,FR,US'])('%j means any of them', (query) => {
    expect(locationMatches(atlanta, query)).toBe(query.toUpperCase().includes('US'));
    expect(locationMatches(berlin, query)).toBe(true);
  });

  test('are not meant by a comma within one place', () => {
    expect(locationMatches(atlanta, 'Atlanta, Georgia')).toBe(true);
    expect(locationMatches(atlanta, 'Georgia, US')).toBe(true);
    expect(locationMatches(berlin, 'Georgia, US')).toBe(false);
  });

  test.each([
    ['Germany,France', true],
    ['United States, Canada', true],
    ['Georgia, United States', false],
    ['Berlin, Germany', false],
    ['US,DE', false],
    ['Germany', false],
    ['USA, United States', false],
  ])('%j names several where one place cannot be meant: %s', (query, isSo) => {
    expect(namesCountries(query)).toBe(isSo);
  });
});
