import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseDate } from './dates.ts';

it('reads what Date writes', () => {
  fc.assert(
    fc.property(
      fc.date({ noInvalidDate: true, min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z') }),
      (date) => {
        expect(parseDate(date.toISOString())).toBe(date.getTime());
      },
    ),
  );
});

it.each<[string, number]>([
  ['0', 0],
  ['2013', 2_013_000],
  ['2013-06', Date.UTC(2013, 5, 1)],
  ['2013-6-3', Date.UTC(2013, 5, 3)],
  ['2013-06-30T', Date.UTC(2013, 5, 30)],
  ['2013-06-30T07', Date.UTC(2013, 5, 30, 7)],
  ['2013-06-30t07:08z', Date.UTC(2013, 5, 30, 7, 8)],
  ['2013-06-30T07:08:09', Date.UTC(2013, 5, 30, 7, 8, 9)],
  ['2013-06-30T07:08:09.5Z', Date.UTC(2013, 5, 30, 7, 8, 9, 500)],
  ['2013-06-30T07:08:09+02:30', Date.UTC(2013, 5, 30, 4, 38, 9)],
  ['2013-06-30T07:08:09-0230', Date.UTC(2013, 5, 30, 9, 38, 9)],
  ['2013-06-30T07:08:09+23:59', Date.UTC(2013, 5, 29, 7, 9, 9)],
  ['2013-06-30T07:08:09+02', Date.UTC(2013, 5, 30, 5, 8, 9)],
  ['-292275054', Number.NEGATIVE_INFINITY],
  ['292278993-01', Number.POSITIVE_INFINITY],
])('reads %s', (text, milliseconds) => {
  expect(parseDate(text)).toBe(milliseconds);
});

it.each([
  '',
  'today',
  '2013-13',
  '2013-06-32',
  '2013-06-30T24',
  '2013-06-30T07:60',
  '2013-06-30T07:08:60',
  '2013/06/30',
  ' 0',
  '1.5',
  '2013-06-30T07:08:09+24:00',
  '2013-06-30T07:08:09+01:60',
])('is not %j', (text) => {
  expect(parseDate(text)).toBeUndefined();
});
