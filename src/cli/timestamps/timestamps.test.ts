import { describe, expect, it } from 'vitest';
import { formatRfc3339Nano } from '../../wire/time.js';
import { detectFormat } from './detect.js';
import { instantOf, type TimestampContext } from './instant.js';
import { Stamper } from './stamper.js';

/** 2026-11-02T00:00:00Z */
const CONTEXT: TimestampContext = { zone: 0, nowMs: 1793577600_000 };

function read(lines: readonly string[], context = CONTEXT): readonly [format: string, ...times: string[]] {
  const format = detectFormat(lines, context);
  if (format === undefined) return ['none'];
  const times = lines.map((line) => {
    const time = instantOf(line, format, context);
    return time === undefined ? '-' : formatRfc3339Nano(time);
  });
  return [format.name, ...times];
}

// Two lines each of the sixteen public loghub logs (https://github.com/logpai/loghub), shortened.
const LOGHUB: readonly [name: string, lines: readonly string[], format: string, ...times: string[]][] = [
  [
    'Android',
    [
      '03-17 16:13:38.811  1702  2395 D WindowManager: printFreezingDisplayLogsopening app',
      '03-17 16:13:38.819  1702  8671 D PowerManagerService: acquire lock=233570404, flags=0x1',
    ],
    'mm-dd',
    '2026-03-17T16:13:38.811Z',
    '2026-03-17T16:13:38.819Z',
  ],
  [
    'Apache',
    [
      '[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok /etc/httpd/conf/workers2.properties',
      '[Sun Dec 04 04:51:08 2005] [notice] jk2_init() Found child 6725 in scoreboard slot 10',
    ],
    'ctime',
    '2005-12-04T04:47:44Z',
    '2005-12-04T04:51:08Z',
  ],
  [
    'BGL',
    [
      '- 1117838570 2005.06.03 R02-M1-N0-C:J12-U11 2005-06-03-15.42.50.675872 R02-M1-N0-C:J12-U11 RAS KERNEL INFO',
      'APPREAD 1117869872 2005.06.04 R04-M1-N4-I:J18-U11 2005-06-04-00.24.32.432192 R04-M1-N4-I:J18-U11 RAS APP FATAL',
    ],
    'BlueGene/L',
    '2005-06-03T22:42:50.675872Z',
    '2005-06-04T07:24:32.432192Z',
  ],
  [
    'HDFS',
    [
      '081109 203615 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 for block blk_38865049064139660 terminating',
      '081110 103840 9117 INFO dfs.DataNode$PacketResponder: PacketResponder 2 for block blk_-6991853982611346454',
    ],
    'yymmdd',
    '2008-11-09T20:36:15Z',
    '2008-11-10T10:38:40Z',
  ],
  [
    'HPC',
    [
      '134681 node-246 unix.hw state_change.unavailable 1077804742 1 Component State Change: Component is unavailable',
      '40766 gige7 gige temperature 1104857875 1 warning',
    ],
    'epoch',
    '2004-02-26T14:12:22Z',
    '2005-01-04T16:57:55Z',
  ],
  [
    'Hadoop',
    [
      '2015-10-18 18:01:47,978 INFO [main] org.apache.hadoop.mapreduce.v2.app.MRAppMaster: Created MRAppMaster',
      '2015-10-18 18:01:48,963 INFO [main] org.apache.hadoop.mapreduce.v2.app.MRAppMaster: Executing with tokens:',
    ],
    'ISO 8601',
    '2015-10-18T18:01:47.978Z',
    '2015-10-18T18:01:48.963Z',
  ],
  [
    'HealthApp',
    [
      '20171223-22:15:29:606|Step_LSC|30002312|onStandStepChanged 3579',
      '20171224-0:28:0:83|Step_LSC|30002312|processHandleBroadcastAction action:android.intent.action.TIME_TICK',
    ],
    'HealthApp',
    '2017-12-23T22:15:29.606Z',
    '2017-12-24T00:28:00.083Z',
  ],
  [
    'Linux',
    [
      'Jun 14 15:16:01 combo sshd(pam_unix)[19939]: authentication failure; logname= uid=0 euid=0 tty=NODEVssh',
      'Jul  1 04:03:08 combo su(pam_unix)[4048]: session opened for user cyrus by (uid=0)',
    ],
    'syslog',
    '2026-06-14T15:16:01Z',
    '2026-07-01T04:03:08Z',
  ],
  [
    'Mac',
    [
      'Jul  1 09:00:55 calvisitor-10-105-160-95 kernel[0]: IOThunderboltSwitch<0>(0x0)::listenerCallback',
      'Jul  1 09:01:05 calvisitor-10-105-160-95 com.apple.CDScheduler[43]: Thermal pressure state: 1',
    ],
    'syslog',
    '2026-07-01T09:00:55Z',
    '2026-07-01T09:01:05Z',
  ],
  [
    'OpenSSH',
    [
      'Dec 10 06:55:46 LabSZ sshd[24200]: Invalid user webmaster from 173.234.31.186',
      'Dec 10 09:12:37 LabSZ sshd[24494]: Failed password for invalid user ProcNet from 103.99.0.122 port 51966 ssh2',
    ],
    'syslog',
    '2025-12-10T06:55:46Z',
    '2025-12-10T09:12:37Z',
  ],
  [
    'OpenStack',
    [
      'nova-api.log.1.2017-05-16_13:53:08 2017-05-16 00:00:00.008 25746 INFO nova.osapi_compute.wsgi.server [req-38101a0b]',
      'nova-compute.log.1.2017-05-16_13:55:31 2017-05-16 00:07:17.508 2931 INFO nova.compute.resource_tracker',
    ],
    'ISO 8601',
    '2017-05-16T00:00:00.008Z',
    '2017-05-16T00:07:17.508Z',
  ],
  [
    'Proxifier',
    [
      '[10.30 16:49:06] chrome.exe - proxy.cse.cuhk.edu.hk:5070 open through proxy proxy.cse.cuhk.edu.hk:5070 HTTPS',
      '[10.30 18:10:27] chrome.exe - proxy.cse.cuhk.edu.hk:5070 open through proxy proxy.cse.cuhk.edu.hk:5070 HTTPS',
    ],
    'mm.dd',
    '2026-10-30T16:49:06Z',
    '2026-10-30T18:10:27Z',
  ],
  [
    'Spark',
    [
      '17/06/09 20:10:40 INFO executor.CoarseGrainedExecutorBackend: Registered signal handlers for [TERM, HUP, INT]',
      '17/06/09 20:10:55 INFO storage.MemoryStore: Block broadcast_22 stored as values in memory',
    ],
    'yy/mm/dd',
    '2017-06-09T20:10:40Z',
    '2017-06-09T20:10:55Z',
  ],
  [
    'Thunderbird',
    [
      '- 1131566461 2005.11.09 dn228 Nov 9 12:01:01 dn228/dn228 crond(pam_unix)[2915]: session closed for user root',
      '- 1131566683 2005.11.09 bn364 Nov 9 12:04:43 bn364/bn364 ntpd[28894]: synchronized to 10.100.14.250, stratum 3',
    ],
    'epoch',
    '2005-11-09T20:01:01Z',
    '2005-11-09T20:04:43Z',
  ],
  [
    'Windows',
    [
      '2016-09-28 04:30:30, Info                  CBS    Loaded Servicing Stack v6.1.7601.23505 with Core:',
      '2016-09-28 04:30:31, Info                  CSI    00000001@2016/9/27:20:30:31.455 WcpInitialize called',
    ],
    'ISO 8601',
    '2016-09-28T04:30:30Z',
    '2016-09-28T04:30:31Z',
  ],
  [
    'Zookeeper',
    [
      '2015-07-29 17:41:44,747 - INFO  [QuorumPeer[myid=1]/0:0:0:0:0:0:0:0:2181:FastLeaderElection@774] - Notification',
      '2015-07-29 19:04:12,394 - INFO  [/10.10.34.11:3888:QuorumCnxManager$Listener@493] - Received connection request',
    ],
    'ISO 8601',
    '2015-07-29T17:41:44.747Z',
    '2015-07-29T19:04:12.394Z',
  ],
];

describe('the time of a line', () => {
  it.each(LOGHUB)('is found in %s', (_name, lines, ...expected) => {
    expect(read(lines)).toEqual(expected);
  });

  it.each([
    ['2026-11-01T02:00:00.123456789+02:00 x', '2026-11-01T00:00:00.123456789Z'],
    ['ts=2026-11-01T00:00:00Z level=info', '2026-11-01T00:00:00Z'],
    ['{"level":"info","time":"2026-11-01T00:00:00.5Z"}', '2026-11-01T00:00:00.5Z'],
    ['2026-11-01 00:00:00.250 UTC [31] LOG:  checkpoint starting', '2026-11-01T00:00:00.25Z'],
    ['2026-11-01 00:00:00 -0800 worker 3', '2026-11-01T08:00:00Z'],
    ['2026/11/01 00:00:00 [error] 31#31: *1 open() failed', '2026-11-01T00:00:00Z'],
    ['<34>1 2026-11-01T00:00:00.003Z host app - - - x', '2026-11-01T00:00:00.003Z'],
    ['20261101T000000Z x', '2026-11-01T00:00:00Z'],
    ['10.0.0.1 - - [01/Nov/2026:00:00:00 +0100] "GET / HTTP/1.1" 200 1', '2026-10-31T23:00:00Z'],
    ['Sun, 01 Nov 2026 00:00:00 GMT x', '2026-11-01T00:00:00Z'],
    ['01-Nov-2026 00:00:00.123 INFO [main] org.apache.catalina', '2026-11-01T00:00:00.123Z'],
    ['[Sun Nov 01 00:00:00.123456 2026] [core:notice] x', '2026-11-01T00:00:00.123456Z'],
    ['Sun Nov  1 00:00:00 UTC 2026 x', '2026-11-01T00:00:00Z'],
    ['<13>Nov  1 00:00:00 host app[1]: x', '2026-11-01T00:00:00Z'],
    ['Nov 01 2025 00:00:00: %ASA-6-302013', '2025-11-01T00:00:00Z'],
    ['11/01/2026 12:05:00 AM x', '2026-11-01T00:05:00Z'],
    ['11/1/2026, 1:05:00 PM x', '2026-11-01T13:05:00Z'],
    ['01.11.2026 00:00:00 x', '2026-11-01T00:00:00Z'],
    ['I1101 00:00:00.123456    31 main.go:7] x', '2026-11-01T00:00:00.123456Z'],
    ['1793491200 x', '2026-11-01T00:00:00Z'],
    ['1793491200.5 x', '2026-11-01T00:00:00.5Z'],
    ['{"level":30,"time":1793491200123,"msg":"x"}', '2026-11-01T00:00:00.123Z'],
    ['[1793491200123456] x', '2026-11-01T00:00:00.123456Z'],
    ['1793491200123456789', '2026-11-01T00:00:00.123456789Z'],
    ['2026-11-01 23:59:60 x', '2026-11-02T00:00:00Z'],
  ])('is found in %s', (line, expected) => {
    expect(read([line])[1]).toBe(expected);
  });

  it.each([
    'no time here',
    '',
    '2026-02-30 00:00:00 x',
    '2026-13-01 00:00:00 x',
    '2026-11-01 25:00:00 x',
    'id 12345678901 is no epoch',
    'at 00:00:00 only',
    `${'x'.repeat(300)} 2026-11-01T00:00:00Z`,
  ])('is not found in %s', (line) => {
    expect(read([line])).toEqual(['none']);
  });

  it('without a zone is local where asked', () => {
    const line = '2026-11-01 12:00:00 x';
    const local = new Date(2026, 10, 1, 12).toISOString().replace('.000', '');
    expect(read([line], { ...CONTEXT, zone: 'local' })[1]).toBe(local);
    expect(read([line], { ...CONTEXT, zone: -480 })[1]).toBe('2026-11-01T20:00:00Z');
  });

  it('without a year is the latest that has been, and a day ahead is not last year', () => {
    const january = { zone: 0, nowMs: Date.UTC(2026, 0, 2) };
    expect(read(['Dec 31 23:59:59 x'], january)[1]).toBe('2025-12-31T23:59:59Z');
    expect(read(['Jan  2 12:00:00 x'], january)[1]).toBe('2026-01-02T12:00:00Z');
    expect(read(['Jan  1 00:00:00 x'], { zone: 0, nowMs: Date.UTC(2025, 11, 31, 23) })[1]).toBe('2026-01-01T00:00:00Z');
    expect(read(['Feb 29 12:00:00 x'], january)[1]).toBe('2024-02-29T12:00:00Z');
  });
});

describe('detection', () => {
  it('takes the format of most lines, and leaves the others without a time', () => {
    const lines = [
      'Jun 14 15:16:01 host app: started at 2026-11-01T00:00:00Z',
      'Jun 14 15:16:02 host app: x',
      '  at frame 1',
      'Jun 14 15:16:03 host app: y',
    ];
    expect(read(lines)).toEqual([
      'syslog',
      '2026-06-14T15:16:01Z',
      '2026-06-14T15:16:02Z',
      '-',
      '2026-06-14T15:16:03Z',
    ]);
  });

  it('prefers the format that says more when both fit', () => {
    expect(read(['Jun 14 15:16:01 host app: 2026-06-14T13:16:01.5Z x'])).toEqual([
      'ISO 8601',
      '2026-06-14T13:16:01.5Z',
    ]);
  });

  it('does not take a chance hit for a format', () => {
    const lines = Array.from({ length: 50 }, (_, i) => (i === 7 ? 'see 2026-11-01T00:00:00Z' : `line ${i}`));
    expect(read(lines)).toEqual(['none']);
  });
});

describe('a stamper', () => {
  it('moves equal times on by a nanosecond each, also past times taken since', () => {
    const stamper = new Stamper();
    expect([10n, 10n, 20n, 10n, 11n, 12n, 10n, 20n].map((time) => stamper.stamp(time))).toEqual([
      10n,
      11n,
      20n,
      12n,
      13n,
      14n,
      15n,
      21n,
    ]);
  });

  it('gives out no time twice', () => {
    const stamper = new Stamper();
    const times = Array.from({ length: 5000 }, (_, i) => stamper.stamp(BigInt((i * 7919) % 97)));
    expect(new Set(times).size).toBe(5000);
  });

  it('gives out no time twice however many lines share one', () => {
    const stamper = new Stamper();
    let last = 0n;
    for (let i = 0; i < 300_000; i++) last = stamper.stamp(5n);
    expect(last).toBe(300_004n);
  });
});
