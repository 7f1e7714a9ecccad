import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../wire/limits.js';
import { LevelDetector } from './level.js';
import { LEVEL_NAMES, levelOfSeverityNumber, normalizeLevel } from './level-names.js';

const FIELDS = DEFAULT_LIMITS.log_level_fields;

function detect(line: string, fields: readonly string[] = FIELDS, maxDepth = 2): string {
  const bytes = Buffer.from(`error= {"level":"fatal" ${line} level=fatal "level":"fatal"}`);
  const start = 'error= {"level":"fatal" '.length;
  return LEVEL_NAMES[new LevelDetector(fields, maxDepth).detect(bytes, start, start + Buffer.byteLength(line))]!;
}

const WORDS = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  err: 'error',
};
const ALL_WORDS = Object.entries({ ...WORDS, critical: 'critical', fatal: 'fatal' });

describe('a level word', () => {
  it.each(ALL_WORDS)('%s counts in any case wherever it stands alone', (word, level) => {
    const mixed = word[0]!.toUpperCase() + word.slice(1);
    for (const text of [
      word,
      word.toUpperCase(),
      mixed,
      [...word].map((c, i) => (i % 2 ? c.toUpperCase() : c)).join(''),
    ]) {
      expect(detect(text)).toBe(level);
      expect(detect(`a ${text}`)).toBe(level);
      expect(detect(`a ${text} b`)).toBe(level);
      for (const before of ' \t\n[({"\'=|') expect(detect(`a${before}${text}`)).toBe(level);
      for (const after of ' \t\n[](){}:,!"\'=|') expect(detect(`a ${text}${after}b`)).toBe(level);
    }
  });

  it.each(ALL_WORDS)('%s does not count inside another', (word) => {
    for (const other of ['x', '_', '-', '.', '/', '1', 's', '\r', ';', '<', '>', '#', '@', 'é']) {
      expect(detect(`a ${word}${other}`)).toBe('unknown');
      expect(detect(`a ${other}${word}`)).toBe('unknown');
    }
    for (const before of ['a:', 'a,', 'a)', 'a]', 'a}', 'a!']) expect(detect(`${before}${word}`)).toBe('unknown');
  });

  it.each([
    ['', 'unknown'],
    ['   ', 'unknown'],
    ['nothing to see', 'unknown'],
    ['terror, errors, errorCode, error123 and error_rate', 'unknown'],
    ['information is power, informational too', 'unknown'],
    ['traceback follows; tracer; stack_trace', 'unknown'],
    ['debugging the debugger, warned of warnings', 'unknown'],
    ['inf wrn dbg trc are no words', 'unknown'],
    ['notice: nobody knows this one', 'unknown'],
    ['warning: degraded, then info', 'warn'],
    ['all is info until error', 'info'],
    ['myerror [error] second', 'error'],
    ['a:error (debug) c', 'debug'],
    ['10.0.0.1 - - [01/Nov/2026:00:00:06 +0000] "GET /error?x=info HTTP/1.1" 500 12', 'info'],
    ['10.0.0.1 - - [01/Nov/2026:00:00:06 +0000] "GET /error-page HTTP/1.1" 500 12', 'unknown'],
    ['2026-11-01 00:00:06.123  INFO 1 --- [main] c.e.ErrorController : handling error', 'info'],
    ['2026/11/01 00:00:06 [crit] 12#12: *1 SSL_do_handshake() failed', 'unknown'],
    ['2026-11-01T00:00:06Z\twarn\tproxy\tretry, error later', 'warn'],
    ['<21>host sshd[1]: error: kex_exchange_identification', 'error'],
    ['E0612 00:00:06 kubelet: FATAL!', 'fatal'],
  ])('%j is %s', (line, level) => {
    expect(detect(line)).toBe(level);
  });
});

describe('a level in logfmt', () => {
  it.each([
    ['level=warn msg="an error"', 'warn'],
    ['msg="an error" level=warn', 'warn'],
    ['ts=1 LEVEL=Warning caller=x.go:1', 'warn'],
    ['a=b sEvErItY=crit level=', 'unknown'],
    ['lvl=dbg', 'debug'],
    ['severity_text=information', 'info'],
    ['SeverityText="TRC"', 'trace'],
    ['log.level=fatal', 'fatal'],
    ['lvl=error level=info', 'info'],
    ['level=info lvl=error', 'info'],
    ['lvl=error severity=warn', 'warn'],
    ['level=info level=error', 'info'],
    ['lvl=info lvl=error', 'info'],
    ['level="info"', 'info'],
    ['level="in\\u0066o"', 'info'],
    ['level="in\\qfo" error', 'error'],
    ['level="info error=1', 'info'],
    ['level= error=1', 'error'],
    ['level error=1', 'error'],
    ['error=none level=info', 'info'],
    ['error level=info', 'info'],
    ['msg=a"b level=info error', 'info'],
    ['error "quoted" level=info', 'error'],
    ['error =x level=info', 'error'],
    ['error a=b=c level=info', 'error'],
    ['level=notice error', 'error'],
    ['level=notice', 'unknown'],
    ['level=30 info=1', 'info'],
    ['xlevel=error', 'error'],
    ['xlevel=errors', 'unknown'],
    ['loglevel=warn', 'warn'],
    ['  \t level=info', 'info'],
    ['level=info\n', 'info'],
    ['é=ü level=info', 'info'],
    ['=', 'unknown'],
    ['level=', 'unknown'],
    ['level', 'unknown'],
    ['a="\\', 'unknown'],
  ])('%j is %s', (line, level) => {
    expect(detect(line)).toBe(level);
  });
});

describe('a level in JSON', () => {
  it.each([
    ['{"level":"warn","msg":"an error"}', 'warn'],
    ['{"msg":"an error","level":"warn"}', 'warn'],
    ['  {"level" : "WARNING" }  \n', 'warn'],
    ['{"severity":"dbg","level":"info"}', 'debug'],
    ['{"LVL":"trc"}', 'trace'],
    ['{"log.level":"information"}', 'info'],
    ['{"LeVeL":"warn","a":" error "}', 'warn'],
    ['{"lEVEL":"wrn","a":" error "}', 'error'],
    ['{"level":30,"msg":"request done"}', 'unknown'],
    ['{"level":50,"severity":"warn"}', 'warn'],
    ['{"level":null,"lvl":"info"}', 'info'],
    ['{"level":"notice"}', 'unknown'],
    ['{"level":"notice","msg":" error "}', 'error'],
    ['{"level":""}', 'unknown'],
    ['{"a":{"level":"debug"},"level":"info"}', 'debug'],
    ['{"a":{"b":{"level":"debug"}},"level":"info"}', 'info'],
    ['{"a":{"b":{"level":"debug"}}}', 'debug'],
    ['{"a":{"b":{"level":"dbg"}}}', 'unknown'],
    ['{"a":[{"level":"debug"}],"level":"info"}', 'info'],
    ['{"a":[{"level":"dbg"}]}', 'unknown'],
    ['{"a":"\\"level\\":\\"debug\\"","level":"info"}', 'info'],
    ['{"a":[1,"]",{}],"b":{"c":"}"},"d":-1.5e3,"e":true,"f":false,"level":"info"}', 'info'],
    ['{}', 'unknown'],
    ['{ }', 'unknown'],
    ['{"a":1,}', 'unknown'],
    ['{"error":"none"}', 'error'],
    ['{"errorCode":5}', 'unknown'],
    ['{"message":"[error] occurred"}', 'error'],
    ['{"a" 1, "error":1, "level":"info"}', 'error'],
    ['{"a":oops, "error":1, "level":"info"}', 'error'],
    ['{"level":"inf}', 'unknown'],
    ['{"a":{"level":"dbg","error":1}', 'debug'],
    ['{"a":{"level":"dbg","error":{}', 'error'],
    ['{level="info"}', 'info'],
    ['{"level":"wrn"} {"level":"info"}', 'warn'],
    ['{"level":"wrn"', 'unknown'],
    ['{"a":1} level=wrn', 'unknown'],
    ['{a level=wrn', 'warn'],
    ['x {"level":"wrn"}', 'unknown'],
  ])('%j is %s', (line, level) => {
    expect(detect(line)).toBe(level);
  });

  it('is looked for down to the depth allowed, 0 being any', () => {
    const line = '{"a":{"b":{"level":"dbg"}},"level":"inf"}';
    expect([1, 2, 3, 0].map((depth) => detect(line, FIELDS, depth))).toEqual(['info', 'info', 'debug', 'debug']);
  });

  it('does not make deep nesting dangerous', () => {
    expect(detect('{"a":'.repeat(50_000) + '}', FIELDS, 0)).toBe('unknown');
    expect(detect(`${'{"a":'.repeat(40)}{"level":"dbg"}${'}'.repeat(40)}`, FIELDS, 0)).toBe('debug');
  });
});

describe('other fields', () => {
  it('may be named by the tenant instead', () => {
    const fields = ['log_level', 'LOGGINGLVL'];
    expect(detect('{"level":"dbg","LOGGINGLVL":"wrn"}', fields)).toBe('warn');
    expect(detect('level=dbg logginglvl=wrn', fields)).toBe('warn');
    expect(detect('logginglvl=wrn log_level=inf', fields)).toBe('info');
    expect(detect('level=dbg', fields)).toBe('unknown');
    expect(detect('level=dbg', [])).toBe('unknown');
  });
});

describe('a detected level', () => {
  const pieces = [
    'level',
    'lvl',
    'severity',
    'x',
    '=',
    '=',
    '"',
    ' ',
    ' ',
    '\t',
    'error',
    'Info',
    'warn',
    'WRN',
    'errors',
    '{',
    '}',
    ':',
    ',',
    '\\',
    'é',
    '1',
  ];

  it('is the one a plain reading of the rules gives', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 25 }), (parts) => {
        const line = parts.join('');
        fc.pre(!(line.trim().startsWith('{') && line.trim().endsWith('}')));
        expect(detect(line)).toBe(plainLevel(line));
      }),
      { numRuns: 20_000 },
    );
  });

  it('of a JSON object is the one JSON.parse would find', () => {
    const key = fc.constantFrom('level', 'Level', 'lvl', 'a', 'b');
    const leaf = fc.constantFrom('info', 'ERROR', 'wrn', 'x', 5, null, true, [] as unknown);
    const object = fc.dictionary(key, fc.oneof(leaf, fc.dictionary(key, fc.oneof(leaf, fc.dictionary(key, leaf)))));
    fc.assert(
      fc.property(object, fc.nat(2), (value, indent) => {
        const line = JSON.stringify(value, null, indent);
        const found = firstLevel(value, 2);
        expect(detect(line)).toBe(canonical(found ?? '') ?? wordLevel(line));
      }),
      { numRuns: 2000 },
    );
  });
});

// The rules again, with strings and regular expressions.

function canonical(value: string): string | undefined {
  const level = normalizeLevel(value.toLowerCase());
  return (LEVEL_NAMES as readonly string[]).indexOf(level) > 0 ? level : undefined;
}

function wordLevel(line: string): string {
  const words =
    /(?<=^|[ \t\n[({"'=|])(trace|debug|fatal|critical|error|err|warning|warn|info)(?=$|[ \t\n[\](){}:,!"'=|])/i;
  return canonical(words.exec(line)?.[1] ?? '') ?? 'unknown';
}

function plainLevel(line: string): string {
  const found = logfmtPairs(line)
    .map(([key, value]) => ({ value, rank: FIELDS.findIndex((field) => field.toLowerCase() === key.toLowerCase()) }))
    .filter(({ rank }) => rank !== -1)
    .sort((a, b) => a.rank - b.rank)[0];
  return canonical(found?.value ?? '') ?? wordLevel(line);
}

/** Pairs up to the first syntax error. */
function logfmtPairs(line: string): [string, string][] {
  const pair = /[\0- ]*(?:([^\0- ="]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\0- ="]*)(?=[\0- ]|$))|(?=[\0- ]|$)))/sy;
  const pairs: [string, string][] = [];
  for (let found = pair.exec(line); found !== null; found = pair.exec(line)) {
    let value = found[3] ?? '';
    if (found[2] !== undefined) {
      try {
        value = String(JSON.parse(`"${found[2]}"`));
      } catch {
        return pairs;
      }
    }
    pairs.push([found[1]!, value]);
  }
  return pairs;
}

function firstLevel(value: unknown, depth: number): string | undefined {
  if (depth === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  for (const [key, member] of Object.entries(value)) {
    if (typeof member === 'string' && FIELDS.includes(key)) return member;
    const nested = firstLevel(member, depth - 1);
    if (nested !== undefined) return nested;
  }
  return undefined;
}

describe('a known spelling', () => {
  it.each([
    ['TRACE', 'trace'],
    ['Trc', 'trace'],
    ['DBG', 'debug'],
    ['Debug', 'debug'],
    ['INF', 'info'],
    ['Information', 'info'],
    ['info', 'info'],
    ['WRN', 'warn'],
    ['WARNING', 'warn'],
    ['err', 'error'],
    ['Error', 'error'],
    ['CRITICAL', 'critical'],
    ['FaTaL', 'fatal'],
  ])('%s becomes %s', (text, level) => {
    expect(normalizeLevel(text)).toBe(level);
  });

  it.each(['notice', 'NOTICE', '', 'errors', 'crit', ' info', 'ïnfo', '@rror', 'emergency and more'])(
    'is not %j',
    (text) => {
      expect(normalizeLevel(text)).toBe(text);
    },
  );
});

describe('a severity number', () => {
  it.each([
    ['0', 'unknown'],
    ['1', 'trace'],
    ['4', 'trace'],
    ['5', 'debug'],
    ['8', 'debug'],
    ['9', 'info'],
    ['12', 'info'],
    ['13', 'warn'],
    ['16', 'warn'],
    ['17', 'error'],
    ['20', 'error'],
    ['21', 'fatal'],
    ['24', 'fatal'],
    ['25', 'unknown'],
    ['999999999999999999', 'unknown'],
    ['+9', 'info'],
    ['9.5', 'info'],
    ['seventeen', 'info'],
    ['99999999999999999999', 'info'],
  ])('%s is %s', (text, level) => {
    expect(LEVEL_NAMES[levelOfSeverityNumber(text)]).toBe(level);
  });
});
