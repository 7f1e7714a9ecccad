/**
 * Ways in which logs write their time. A format is a regular expression whose named groups are the parts of a time:
 * epoch, or year month day hour minute second with fraction, millis, zone and meridiem where the format has them.
 */
export interface TimestampFormat {
  readonly name: string;
  readonly pattern: RegExp;
}

const MONTH = '(?<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const WEEKDAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const TIME = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)';
const FRACTION = '(?:[.,](?<fraction>\\d{1,9}))?';
const ZONE = '(?: ?(?<zone>Z|UTC|GMT|[+-]\\d\\d:?\\d\\d(?!\\d)))?';

function format(name: string, ...parts: readonly string[]): TimestampFormat {
  return { name, pattern: new RegExp(parts.join('')) };
}

/** Where two formats fit equally many lines, the earlier one is taken: it says more (year, zone, fraction). */
export const FORMATS: readonly TimestampFormat[] = [
  // 2026-11-01T00:00:00.123Z, 2026-11-01 00:00:00,123 +0100, 2026/11/01 00:00:00
  format(
    'ISO 8601',
    '(?<![\\d-])(?<year>\\d{4})(?<separator>[-/.])(?<month>\\d\\d)\\k<separator>(?<day>\\d\\d)[T ]',
    TIME,
    FRACTION,
    ZONE,
  ),
  // 20261101T000000Z, 20261101 00:00:00
  format(
    'ISO 8601 basic',
    '(?<!\\d)(?<year>[12]\\d{3})(?<month>\\d\\d)(?<day>\\d\\d)[T ](?<hour>\\d\\d):?(?<minute>\\d\\d):?(?<second>\\d\\d)(?!\\d)',
    FRACTION,
    ZONE,
  ),
  // [01/Nov/2026:00:00:00 +0000] (Apache and nginx), 01 Nov 2026 00:00:00 (RFC 2822), 01-Nov-2026 00:00:00.123 (Tomcat)
  format('day month year', `(?<!\\d)(?<day>\\d{1,2})[ /-]${MONTH}[ /-](?<year>\\d{4})[ :]`, TIME, FRACTION, ZONE),
  // [Sun Dec 04 04:47:44.123456 2005], Sun Dec  4 04:47:44 UTC 2005
  format('ctime', `${WEEKDAY} ${MONTH} +(?<day>\\d{1,2}) `, TIME, FRACTION, '(?: (?<zone>UTC|GMT))? (?<year>\\d{4})'),
  // - 1117838570 2005.06.03 NODE 2005-06-03-15.42.50.675872: seconds from the epoch, the fraction from the local time
  format(
    'BlueGene/L',
    '^\\S+ (?<epoch>\\d{10}) \\d{4}\\.\\d\\d\\.\\d\\d \\S+ \\d{4}-\\d\\d-\\d\\d-\\d\\d\\.\\d\\d\\.\\d\\d\\.(?<fraction>\\d{6}) ',
  ),
  // Nov  1 00:00:00, <13>Nov  1 00:00:00.123, Nov 01 2026 00:00:00
  format('syslog', `^(?:<\\d{1,3}>)?(?:\\*)?${MONTH} {1,2}(?<day>\\d{1,2})(?: (?<year>\\d{4}))? `, TIME, FRACTION),
  // 20261101-0:5:59:7 (fields without leading zeros, milliseconds last)
  format(
    'HealthApp',
    '^(?<year>\\d{4})(?<month>\\d\\d)(?<day>\\d\\d)-(?<hour>\\d{1,2}):(?<minute>\\d{1,2}):(?<second>\\d{1,2}):(?<millis>\\d{1,3})\\b',
  ),
  // 261101 000000 (HDFS), 261101 00:00:00 (older MySQL)
  format(
    'yymmdd',
    '^(?<year>\\d\\d)(?<month>\\d\\d)(?<day>\\d\\d) +(?<hour>\\d{1,2}):?(?<minute>\\d\\d):?(?<second>\\d\\d)(?!\\d)',
  ),
  // 26/11/01 00:00:00 (Spark, Hadoop)
  format('yy/mm/dd', '^\\[?(?<year>\\d\\d)[/-](?<month>\\d\\d)[/-](?<day>\\d\\d) ', TIME, FRACTION),
  // 11/01/2026 12:00:00 AM
  format(
    'mm/dd/yyyy',
    '(?<!\\d)(?<month>\\d{1,2})/(?<day>\\d{1,2})/(?<year>\\d{4}),? (?<hour>\\d{1,2}):(?<minute>\\d\\d):(?<second>\\d\\d)',
    FRACTION,
    '(?: ?(?<meridiem>[AP]M))?',
  ),
  // 01.11.2026 00:00:00
  format('dd.mm.yyyy', '(?<!\\d)(?<day>\\d{1,2})\\.(?<month>\\d{1,2})\\.(?<year>\\d{4}),? ', TIME, FRACTION),
  // 11-01 00:00:00.123 (Android)
  format('mm-dd', '^(?<month>\\d\\d)-(?<day>\\d\\d) ', TIME, FRACTION),
  // [11.01 00:00:00] (Proxifier)
  format('mm.dd', '^\\[(?<month>\\d\\d)\\.(?<day>\\d\\d) ', TIME, '\\]'),
  // I1101 00:00:00.123456 (glog, klog)
  format('glog', '^[IWEF](?<month>\\d\\d)(?<day>\\d\\d) ', TIME, FRACTION),
  // 1793491200, 1793491200.123, and in milliseconds, microseconds or nanoseconds; a word of its own
  format(
    'epoch',
    '(?:^|[\\s\\[("=:,{])(?<epoch>[12]\\d{9}(?:\\d{3}|\\d{6}|\\d{9})?)(?:\\.(?<fraction>\\d{1,9}))?(?=$|[\\s\\])",;:|}])',
  ),
];
