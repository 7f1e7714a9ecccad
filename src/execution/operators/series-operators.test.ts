// biome-ignore-all lint/suspicious/noTemplateCurlyInString: replacements, as regular expressions spell them
import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import { INPUT, input, output, type Series } from '../../../test/support/samples.js';
import type { BinaryOperation, LabelReplace } from '../../planning/physical/node.js';
import { absent, vectorConstant } from './constants.js';
import { expand, labelReplace } from './label-replace.js';
import { scalarBinary } from './scalar-binary.js';

const NAN = Number.NaN;

describe('samples against a number', () => {
  const calculated = async (
    values: readonly (number | null)[],
    operation: BinaryOperation,
    scalar: number,
    fields: { bool?: boolean; scalarLeft?: boolean } = {},
  ) => {
    const node = {
      kind: 'scalar-binary',
      operation,
      scalar,
      bool: false,
      scalarLeft: false,
      input: INPUT,
      ...fields,
    } as const;
    const [[, ...result] = []] = await output(scalarBinary(input([[{ a: 'b' }, ...values]]), node));
    return result;
  };

  test('division and remainder by zero are NaN, whichever side the zero is on', async () => {
    expect(await calculated([1, 0, -1], 'DIV', 0)).toEqual([NAN, NAN, NAN]);
    expect(await calculated([1, 0, null], 'MOD', 0)).toEqual([NAN, NAN, null]);
    expect(await calculated([1, 0, -1], 'DIV', 1, { scalarLeft: true })).toEqual([1, NAN, -1]);
  });

  test('keep the order of their operands', async () => {
    expect(await calculated([2], 'SUB', 5)).toEqual([-3]);
    expect(await calculated([2], 'SUB', 5, { scalarLeft: true })).toEqual([3]);
    expect(await calculated([2], 'POW', 5, { scalarLeft: true })).toEqual([25]);
    expect(await calculated([-7, 7], 'MOD', 3)).toEqual([-1, 1]);
  });

  test('are kept unchanged where a comparison holds, or become 0 and 1 with bool', async () => {
    expect(await calculated([1, 5, NAN, null], 'GT', 3)).toEqual([null, 5, null, null]);
    expect(await calculated([1, 5], 'GT', 3, { scalarLeft: true })).toEqual([1, null]);
    expect(await calculated([1, 5, NAN, null], 'GT', 3, { bool: true })).toEqual([0, 1, 0, null]);
    expect(await calculated([NAN], 'NEQ', 3)).toEqual([NAN]);
  });
});

describe('label_replace', () => {
  const replaced = async (series: readonly Series[], fields: Partial<LabelReplace>) => {
    const node = {
      kind: 'label-replace',
      destination: 'd',
      source: 's',
      pattern: '(.*)',
      replacement: '$1',
      input: INPUT,
    } as const;
    return (await output(labelReplace(input(series), { ...node, ...fields }))).map(([labels]) => labels);
  };

  test('sets the label from what the expression caught', async () => {
    const series: Series[] = [[{ s: 'web-1' }, 1]];
    expect(await replaced(series, { pattern: '(.*)-(.*)', replacement: '$2/${1}!' })).toEqual([
      '{d="1/web!", s="web-1"}',
    ]);
    expect(await replaced(series, { pattern: '(?P<name>\\w+)-.*', replacement: '$name' })).toEqual([
      '{d="web", s="web-1"}',
    ]);
  });

  test('leaves series alone whose value the whole expression does not match', async () => {
    expect(await replaced([[{ s: 'xweb', d: 'old' }, 1]], { pattern: 'web' })).toEqual(['{d="old", s="xweb"}']);
    expect(await replaced([[{ s: 'a\nb' }, 1]], { pattern: 'a.b', replacement: 'x' })).toEqual(['{s="a\\nb"}']);
  });

  test('takes an absent source for an empty one, and an empty result removes the label', async () => {
    expect(await replaced([[{ d: 'old' }, 1]], { pattern: '', replacement: 'new' })).toEqual(['{d="new"}']);
    expect(await replaced([[{ d: 'old', s: 'x' }, 1]], { pattern: '.*', replacement: '' })).toEqual(['{s="x"}']);
  });

  test('reads names in a replacement as long as they go', () => {
    const pattern = RE2JS.compile('(a)(?P<n>b)');
    const groups = ['ab', 'a', 'b'];
    const text = (template: string) => expand(template, (group) => groups[group]!, pattern);
    expect(text('$1x|${1}x|$n|${n}|$$1|$0|$9|$z|$')).toBe('|ax|b|b|$1|ab|||$');
  });
});

describe('constants', () => {
  const grid = { start: 0n, end: 20n, stepNs: 10 };

  test('a vector has its value at every step and no labels', async () => {
    expect(await output(vectorConstant({ kind: 'vector-constant', value: 3, ...grid }))).toEqual([['{}', 3, 3, 3]]);
  });

  test('absence is 1 wherever no series has a sample, and nothing when there is one everywhere', async () => {
    const node = { kind: 'absent', labels: [['a', 'b']], input: INPUT, ...grid } as const;
    const sparse: Series[] = [
      [{ x: '1' }, 0, null, null],
      [{ x: '2' }, null, null, 5],
    ];
    expect(await output(absent(input(sparse), node))).toEqual([['{a="b"}', null, 1, null]]);
    expect(await output(absent(input(sparse, [[{ x: '3' }, null, 1, null]]), node))).toEqual([]);
    expect(await output(absent(input(), node))).toEqual([['{a="b"}', 1, 1, 1]]);
  });
});
