import { describe, expect, it } from 'vitest';
import { renderTemplate } from '../../../../test/support/render-template.js';

function render(template: string): string {
  return renderTemplate(template);
}

describe('times print as Go prints them', () => {
  it.each([
    ['{{__timestamp__}}', '2026-11-01 01:58:20.607850154 +0000 UTC'],
    ['{{__timestamp__.Format "Monday, 02-Jan-06 15:04:05 MST"}}', 'Sunday, 01-Nov-26 01:58:20 UTC'],
    ['{{__timestamp__ | date "2006-01-02T15:04:05.000Z07:00"}}', '2026-11-01T01:58:20.607Z'],
    ['{{__timestamp__ | date "Jan _2 3:4:5.999PM -0700 -07:00:00 Z0700"}}', 'Nov  1 1:58:20.607AM +0000 +00:00:00 Z'],
    [
      '{{__timestamp__ | date "002 __2 January Jan 1 01 2 02 06 03pm ,000000000 .9"}}',
      '305 305 November Nov 11 11 1 01 26 01am ,607850154 .6',
    ],
    ['{{__timestamp__ | date "_2006 Janet Monkey 20061"}}', '_2026 Janet Monkey 202611'],
    [
      '{{date "2006-01-02" 1679577215}} {{date "2006" (int "1679577215")}} {{date "2006" "text means now"}}',
      '2023-03-23 2023 2026',
    ],
    ['{{now}} {{now | unixEpoch}}', '2026-11-01 01:58:20.607850154 +0000 UTC 1793498300'],
    [
      '{{unixEpoch __timestamp__}} {{unixEpochMillis __timestamp__}} {{unixEpochNanos __timestamp__}}',
      '1793498300 1793498300607 1793498300607850154',
    ],
    [
      '{{unixToTime "19437"}} {{unixToTime "1679577215"}}',
      '2023-03-21 00:00:00 +0000 UTC 2023-03-23 13:13:35 +0000 UTC',
    ],
    [
      '{{(unixToTime "1679577215123").UnixMilli}} {{(unixToTime "1679577215123456").UnixMicro}} {{(unixToTime "1679577215123456789").UnixNano}}',
      '1679577215123 1679577215123456 1679577215123456789',
    ],
    ['{{unixToTime "-123456789"}}', '1966-02-02 02:26:51 +0000 UTC'],
  ])('%j prints %j', (template, expected) => {
    expect(render(template)).toBe(expected);
  });

  it.each([
    ['{{unixToTime "abc"}}', 'unable to parse time \'abc\': strconv.ParseInt: parsing "abc": invalid syntax'],
    ['{{unixToTime "123"}}', "unable to parse time '123': %!w(<nil>)"],
  ])('%j fails', (template, expected) => {
    expect(render(template)).toContain(`error calling unixToTime: ${expected}`);
  });
});

describe('times are read by a reference layout', () => {
  it.each([
    ['2006-01-02', '2024-02-29', '2024-02-29 00:00:00 +0000 UTC'],
    ['2006-01-02T15:04:05Z07:00', '2024-05-06T07:08:09+02:00', '2024-05-06 07:08:09 +0200 +0200'],
    ['2006-01-02T15:04:05Z07:00', '2024-05-06T07:08:09.25Z', '2024-05-06 07:08:09.25 +0000 UTC'],
    ['Jan _2 2006 3:04PM', 'mar  7 2024 12:30AM', '2024-03-07 00:30:00 +0000 UTC'],
    ['Monday, 02-Jan-06 15:04:05 MST', 'Friday, 01-Mar-24 10:11:12 PST', '2024-03-01 10:11:12 +0000 PST'],
    ['2006-01-02 MST', '2024-03-01 GMT+3', '2024-03-01 03:00:00 +0300 GMT+3'],
    ['2006 002', '2024 366', '2024-12-31 00:00:00 +0000 UTC'],
    ['2/1/2006 15h', '3/4/2024 9h', '2024-04-03 09:00:00 +0000 UTC'],
    ['02/Jan/2006:15:04:05 -0700', '01/Nov/2026:00:00:06 +0000', '2026-11-01 00:00:06 +0000 UTC'],
    ['15:04:05.000', '10:11:12.345', '0000-01-01 10:11:12.345 +0000 UTC'],
    ['06', '69', '1969-01-01 00:00:00 +0000 UTC'],
    ['2006-01-02', '2023-02-29', '0001-01-01 00:00:00 +0000 UTC'],
    ['2006-01-02', '2024-13-01', '0001-01-01 00:00:00 +0000 UTC'],
    ['2006-01-02', '2024-01-02x', '0001-01-01 00:00:00 +0000 UTC'],
    ['2006-01-02', 'nonsense', '0001-01-01 00:00:00 +0000 UTC'],
    ['15:04', '24:00', '0001-01-01 00:00:00 +0000 UTC'],
  ])('toDate %j %j is %s', (layout, text, expected) => {
    expect(render(`{{toDate "${layout}" "${text}"}}`)).toBe(expected);
  });

  it.each([
    ['America/New_York', '2024-07-01 12:00', '2024-07-01 12:00:00 -0400 EDT'],
    ['America/New_York', '2024-01-01 12:00', '2024-01-01 12:00:00 -0500 EST'],
    ['Europe/Berlin', '2024-07-01 12:00', '2024-07-01 12:00:00 +0200 CEST'],
    ['Asia/Kolkata', '2024-07-01 12:00', '2024-07-01 12:00:00 +0530 IST'],
    ['America/Sao_Paulo', '2024-07-01 12:00', '2024-07-01 12:00:00 -0300 -03'],
    ['Nowhere/Land', '2024-07-01 12:00', '2024-07-01 12:00:00 +0000 UTC'],
    ['', '2024-07-01 12:00', '2024-07-01 12:00:00 +0000 UTC'],
  ])('toDateInZone in %j reads %j as %s', (zone, text, expected) => {
    expect(render(`{{toDateInZone "2006-01-02 15:04" "${zone}" "${text}"}}`)).toBe(expected);
  });

  it('a clock time that a zone skips moves on by the gap', () => {
    const zoned = (text: string) => render(`{{(toDateInZone "2006-01-02 15:04" "America/New_York" "${text}").UTC}}`);
    expect(zoned('2024-03-10 01:59')).toBe('2024-03-10 06:59:00 +0000 UTC');
    expect(zoned('2024-03-10 03:00')).toBe('2024-03-10 07:00:00 +0000 UTC');
    expect(zoned('2024-11-03 00:59')).toBe('2024-11-03 04:59:00 +0000 UTC');
  });
});

describe('methods of times', () => {
  it.each([
    [
      '{{__timestamp__.Year}} {{__timestamp__.Month}} {{__timestamp__.Day}} {{__timestamp__.Weekday}}',
      '2026 November 1 Sunday',
    ],
    [
      '{{__timestamp__.Hour}} {{__timestamp__.Minute}} {{__timestamp__.Second}} {{__timestamp__.Nanosecond}}',
      '1 58 20 607850154',
    ],
    [
      '{{__timestamp__.YearDay}} {{__timestamp__.Unix}} {{__timestamp__.IsZero}} {{__timestamp__.Location}}',
      '305 1793498300 false Local',
    ],
    ['{{printf "%d %d %s" __timestamp__.Month __timestamp__.Weekday __timestamp__.Month}}', '11 0 November'],
    ['{{__timestamp__.AddDate 0 -8 30}}', '2026-03-31 01:58:20.607850154 +0000 UTC'],
    ['{{__timestamp__.Add 3600000000000}}', '2026-11-01 02:58:20.607850154 +0000 UTC'],
    [
      '{{__timestamp__.Truncate 3600000000000}} {{__timestamp__.Round 3600000000000}}',
      '2026-11-01 01:00:00 +0000 UTC 2026-11-01 02:00:00 +0000 UTC',
    ],
    ['{{now.Sub (unixToTime "1793490000")}}', '2h18m20.607850154s'],
    ['{{(now.Sub (unixToTime "1793490000")).Hours | printf "%.3f"}} {{(now.Sub now).String}}', '2.306 0s'],
    ['{{(now.Sub (unixToTime "1679577215")).String}}', '31644h44m45.607850154s'],
    [
      '{{now.After (unixToTime "1793490000")}} {{now.Before now}} {{now.Equal __timestamp__}} {{now.Compare now}}',
      'true false true 0',
    ],
    ['{{eq now.Weekday 0}} {{eq now __timestamp__}} {{gt now.Year 2000}}', 'true true true'],
    ['{{(toDate "2006" "x").IsZero}} {{__timestamp__.UTC.Location}} {{__timestamp__.IsDST}}', 'true UTC false'],
    ['{{(now.In (toDateInZone "2006" "Europe/Berlin" "2024").Location).Format "15:04 MST"}}', '02:58 CET'],
    ['{{__timestamp__.Month.String | upper}}', 'NOVEMBER'],
    ['{{(now.Sub now).Round 1}}', '0s'],
  ])('%j prints %j', (template, expected) => {
    expect(render(template)).toBe(expected);
  });

  it('arguments of methods are checked', () => {
    expect(render('{{now.Format 3}}')).toBe(
      'error: template: line:1:13: executing "line" at <3>: expected string; found 3',
    );
    expect(render('{{now.Year 3}}')).toBe(
      'error: template: line:1:2: executing "line" at <now>: wrong number of args for Year: want 0 got 1',
    );
    expect(render('{{now.In nil}}')).toBe(
      'error: template: line:1:5: executing "line" at <now.In>: error calling In: time: missing Location in call to Time.In',
    );
  });
});
