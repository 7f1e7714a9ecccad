import { describe, expect, it } from 'vitest';
import { labelsOf } from '../../wire/labels.js';
import { detectLabels } from './detected-labels.js';

const streamsWith = (name: string, values: readonly string[]) =>
  values.map((value) => ({ labels: labelsOf({ [name]: value }) }));

const namesOf = (name: string, values: readonly string[]) =>
  detectLabels(streamsWith(name, values)).map(({ label }) => label);

describe('detected labels', () => {
  it('come by name with the number of their values', () => {
    const streams = ['b', 'a', 'b'].map((app) => ({ labels: labelsOf({ env: 'prod', app }) }));
    expect(detectLabels(streams)).toEqual([
      { label: 'app', cardinality: 2 },
      { label: 'env', cardinality: 1 },
    ]);
  });

  it.each([
    ['numbers', ['1', '2.5', '-3e7', 'NaN']],
    ['UUIDs', ['0b2e47ce-1e5b-4b5c-8c35-8a9cd2f2d6a0', 'urn:uuid:0B2E47CE-1E5B-4B5C-8C35-8A9CD2F2D6A0']],
    ['other forms of UUIDs', ['{0b2e47ce-1e5b-4b5c-8c35-8a9cd2f2d6a0}', '0b2e47ce1e5b4b5c8c358a9cd2f2d6a0']],
    ['both', ['17', '0b2e47ce-1e5b-4b5c-8c35-8a9cd2f2d6a0']],
    ['a single number', ['7']],
    ['yes, no and a number', ['0', '1', '2']],
  ])('leave out a label of %s', (_, values) => {
    expect(namesOf('n', values)).toEqual([]);
  });

  it.each([
    ['one value that is none', ['1', '2', 'x']],
    ['zero and one, which mean no and yes', ['0', '1']],
    ['one alone', ['1']],
    ['texts like UUIDs', ['0b2e47ce-1e5b-4b5c-8c35-8a9cd2f2d6a']],
  ])('keep a label with %s', (_, values) => {
    expect(namesOf('n', values)).toEqual(['n']);
  });

  it.each(['cluster', 'namespace', 'instance', 'pod'])('keep %s whatever its values are', (name) => {
    expect(namesOf(name, ['1', '2'])).toEqual([name]);
  });
});
