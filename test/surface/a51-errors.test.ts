/** Marks of lines that could not be processed, and what metric queries make of them (A51-A54). */
import { describe, expect, test } from 'vitest';
import { surface } from '../support/surface.js';

const mixed = surface(['{"k":"a","v":1}', '{"k":"b","v":"oops"}', 'plain', '{"k":"c","v":3']);

describe('A51: errors', () => {
  test('bear one of five names, and details', async () => {
    const kinds = new Map([
      ['| json', 'JSONParserErr'],
      ['| logfmt --strict', 'LogfmtParserErr'],
      ['| label_format v="x" | v > 1', 'LabelFilterErr'],
      ['| line_format "{{ div 1 0 }}"', 'TemplateFormatErr'],
    ]);
    for (const [stage, kind] of kinds) {
      const [labels] = await surface(['"']).labels(`{app="x"} ${stage} | __error__!=""`);
      expect(labels, stage).toMatchObject({ __error__: kind });
      expect(labels!.__error_details__, stage).toBeTruthy();
    }
    expect(await surface(['v=x']).fault('sum_over_time({app="x"} | logfmt | unwrap v [1h])')).toContain(
      "'SampleExtractionErr'",
    );
  });

  test('of filters do not replace what is there, those of parsers and templates do', async () => {
    const rows = surface(['plain v=x']);
    const both = '{app="x"} | json | logfmt | v > 1';
    expect(await rows.labels(both)).toEqual([
      { v: 'x', __error__: 'JSONParserErr', __error_details__: expect.stringContaining('looks like object') },
    ]);
    const parsed = await rows.labels('{app="x"} | logfmt | v > 1 | json');
    expect(parsed).toMatchObject([{ __error__: 'JSONParserErr' }]);
    const formatted = await rows.labels('{app="x"} | json | line_format "{{ mod 1 0 }}"');
    expect(formatted).toMatchObject([
      { __error__: 'TemplateFormatErr', __error_details__: expect.stringContaining('integer divide by zero') },
    ]);
  });

  test('of unwrap replace what is there', async () => {
    const query = 'sum_over_time({app="x"} | json | logfmt | unwrap v [1h])';
    expect(await surface(['plain v=x']).fault(query)).toContain("'SampleExtractionErr'");
    expect(
      await surface(['plain v=x']).samples(query.replace(' [1h]', ' | __error__!="SampleExtractionErr" [1h]')),
    ).toEqual([]);
  });

  test('and their details are dropped apart', async () => {
    expect(await mixed.labels('{app="x"} |= "plain" | json | drop __error__')).toEqual([
      { __error_details__: expect.any(String) },
    ]);
    expect(await mixed.labels('{app="x"} |= "plain" | json | drop __error_details__')).toEqual([
      { __error__: 'JSONParserErr' },
    ]);
    expect(await mixed.labels('{app="x"} |= "plain" | json | drop __error__="other"')).toMatchObject([
      { __error__: 'JSONParserErr' },
    ]);
  });
});

describe('A52: a metric query', () => {
  test('fails with the labels of the first line in error', async () => {
    expect(await surface(['plain']).fault('count_over_time({app="x"} | json [1h])')).toBe(
      `pipeline error: 'JSONParserErr' for series: '{__error__="JSONParserErr", ` +
        `__error_details__="Value looks like object, but can't find closing '}' symbol", app="x"}'.\n` +
        `Use a label filter to intentionally skip this error. (e.g | __error__!="JSONParserErr").\n` +
        `To skip all potential errors you can match empty errors.(e.g __error__="")\n` +
        `The label filter can also be specified after unwrap. (e.g | unwrap latency | __error__="" )\n`,
    );
  });

  test('does not fail for lines that a filter or drop takes the error from', async () => {
    expect(await mixed.samples('sum by (k) (count_over_time({app="x"} | json | __error__="" [1h]))')).toEqual([
      '{k="a"} 1',
      '{k="b"} 1',
    ]);
    const dropped = 'sum by (k) (count_over_time({app="x"} | json | drop __error__, __error_details__ [1h]))';
    expect(await mixed.samples(dropped)).toEqual(['{} 1', '{k="a"} 1', '{k="b"} 1', '{k="c"} 1']);
  });

  test('shows parser errors where the grouping asks for them, but not those of other stages', async () => {
    const by = (stages: string) => `sum by (__error__) (count_over_time({app="x"} ${stages} [1h]))`;
    expect(await mixed.samples(by('| json'))).toEqual(['{} 2', '{__error__="JSONParserErr"} 2']);
    expect(await mixed.fault(by('| json | __error__="" | v > 1'))).toContain("'LabelFilterErr'");
    expect(await mixed.fault(by('| label_format z="{{ div 1 0 }}"'))).toContain("'TemplateFormatErr'");
  });

  test('counts lines in error that a filter picks, when no labels are asked for', async () => {
    expect(await mixed.samples('sum(count_over_time({app="x"} | json | __error__!="" [1h]))')).toEqual(['{} 2']);
    expect(await mixed.fault('count_over_time({app="x"} | json | __error__!="" [1h])')).toContain('pipeline error');
  });
});

describe('A53: parsers read', () => {
  test('nothing when a sum needs no labels, so that malformed lines count', async () => {
    expect(await mixed.samples('sum(count_over_time({app="x"} | json [1h]))')).toEqual(['{} 4']);
    expect(await mixed.fault('max(count_over_time({app="x"} | json [1h]))')).toContain('JSONParserErr');
  });

  test('a line until they have the labels of the grouping', async () => {
    const broken = surface(['{"k":"c","v":3']);
    expect(await broken.samples('sum by (k) (count_over_time({app="x"} | json [1h]))')).toEqual(['{k="c"} 1']);
    expect(await broken.fault('sum by (z) (count_over_time({app="x"} | json [1h]))')).toContain('JSONParserErr');
  });

  test('no object that cannot hold them, whatever is in it', async () => {
    const odd = surface(['{"o":{\'k\':1},"k":"a"}']);
    expect(await odd.samples('sum by (k) (count_over_time({app="x"} | json [1h]))')).toEqual(['{k="a"} 1']);
    expect(await odd.fault('sum by (o_k) (count_over_time({app="x"} | json [1h]))')).toContain('JSONParserErr');
    expect(await odd.labels('{app="x"} | json')).toMatchObject([{ __error__: 'JSONParserErr' }]);
    expect(await odd.lines('{app="x"} | json | k="a"')).toEqual([]);
  });

  test('all of it when the grouping only says what goes', async () => {
    expect(await mixed.fault('sum without (k) (count_over_time({app="x"} | json [1h]))')).toContain('JSONParserErr');
  });
});

test('A54: line_format that nobody reads is left out, but not where bytes are counted', async () => {
  const rows = surface(['a=1']);
  const fails = '| logfmt | line_format "{{ div 1 0 }}"';
  expect(await rows.samples(`count_over_time({app="x"} ${fails} [1h])`)).toEqual(['{a="1"} 1']);
  expect(await rows.fault(`bytes_over_time({app="x"} ${fails} [1h])`)).toContain('TemplateFormatErr');
  expect(await rows.fault(`count_over_time({app="x"} ${fails} |= "a" [1h])`)).toContain('TemplateFormatErr');
});
