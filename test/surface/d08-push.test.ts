/** What a push adds to what it was given: service names, levels, names that label names can be (D8-D10). */
import { describe, expect, test } from 'vitest';
import { metadataOf, NOW, proto, push } from '../support/decode-push.js';
import { rowsOf } from '../support/push.js';

function streamOf(labels: string, changed = {}): string {
  const decoded = proto([{ labels, entries: [{ time: NOW, line: 'x' }] }], changed);
  return rowsOf(decoded.batch!)[0]!.stream;
}

describe('D8: the service name of a stream', () => {
  test.each([
    ['{app="a", container="c"}', 'a'],
    ['{job="j", component="k"}', 'k'],
    ['{k8s_job_name="k", service="s"}', 's'],
    ['{other="o"}', 'unknown_service'],
    ['{app="", name="n"}', 'n'],
  ])('of %s is %s', (labels, name) => {
    expect(streamOf(labels)).toContain(`service_name="${name}"`);
  });

  test('that it has stays, and none is looked for when told so', () => {
    expect(streamOf('{service_name="mine", app="a"}')).toBe('{app="a", service_name="mine"}');
    expect(streamOf('{app="a"}', { discover_service_name: [] })).toBe('{app="a"}');
  });
});

describe('D9: the level of an entry', () => {
  const level = (line: string, metadata: [string, string][] = [], labels = '{app="x"}', changed = {}) =>
    metadataOf(push([[line, metadata]], changed, labels))[0]!.detected_level;

  test('is that of its metadata, of its stream, or of its other metadata, in this order', () => {
    expect(level('level=error', [['detected_level', 'WARN']], '{level="debug"}')).toBe('warn');
    expect(level('level=error', [['level', 'info']], '{lvl="dbg"}')).toBe('debug');
    expect(level('level=error', [['severity', 'Information']])).toBe('info');
    expect(level('x', [], '{level="notice"}')).toBe('notice');
  });

  test.each([
    ['1', 'trace'],
    ['8', 'debug'],
    ['9', 'info'],
    ['16', 'warn'],
    ['17', 'error'],
    ['24', 'fatal'],
    ['0', 'unknown'],
    ['25', 'unknown'],
    ['x', 'info'],
  ])('for the severity number %s is %s', (number, expected) => {
    expect(level('error', [['severity_number', number]])).toBe(expected);
  });

  test.each([
    ['{"a":{"level":"warning"},"level":"error"}', 'warn'],
    ['{"a":{"b":{"level":"error"}}}', 'error'], // too deep, but a word of the line
    ['{"level":30,"msg":"no words"}', 'unknown'],
    ['{"Level":"DBG"}', 'debug'],
    ['msg="it failed" lvl=err LEVEL=trace', 'trace'],
    ['level=notice but an error happened', 'error'],
    ['ts=1 [WARN] slow', 'warn'],
    ['debugging errors', 'unknown'],
    ['Critical: disk', 'critical'],
    ['x:error y', 'unknown'],
    ['', 'unknown'],
  ])('of the line %s is %s', (line, expected) => {
    expect(level(line)).toBe(expected);
  });

  test('is not looked for when told so', () => {
    expect(level('level=error', [], '{app="x"}', { discover_log_levels: false })).toBeUndefined();
  });
});

describe('D10: a name of metadata', () => {
  test.each([
    ['a.b-c', 'a_b_c'],
    ['a__b', 'a_b'],
    ['9x', 'key_9x'],
    ['__x__', '__x__'],
  ])('%s becomes %s', (name, expected) => {
    const decoded = push([['x', [[name, 'v']]]]);
    expect(metadataOf(decoded)[0]).toMatchObject({ [expected]: 'v' });
  });

  test.each(['', '_', '___'])('that is %j fails the whole push', (name) => {
    expect(push(['kept', ['x', [[name, 'v']]]])).toMatchObject({ batch: null, rejected: { code: 'internal' } });
  });

  test('has a value without bytes that are no UTF-8', () => {
    const entries = [{ time: NOW, line: 'x', metadata: [['m', Buffer.from([0x61, 0xff, 0x62])]] as const }];
    expect(metadataOf(proto([{ labels: '{app="x"}', entries }]))[0]).toMatchObject({ m: 'a b' });
  });
});
