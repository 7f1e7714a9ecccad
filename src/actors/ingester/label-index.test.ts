import { describe, expect, it } from 'vitest';
import { compileMatchers } from '../../execution/matchers.js';
import { labelsOf } from '../../wire/labels.js';
import { LabelIndex } from './label-index.js';

const STREAMS = [{ app: 'x', env: 'prod' }, { app: 'y', env: 'prod' }, { app: 'x' }, { app: 'xyz', env: 'dev\nnew' }];

function match(...texts: string[]): number[] {
  const index = new LabelIndex();
  for (const labels of STREAMS) index.add(labelsOf(labels));
  const matchers = texts.map((text) => {
    const [, name, op, value] = /^(\w+)(=~|!~|!=|=)(.*)$/s.exec(text)!;
    return { name: name!, op: op as '=' | '!=' | '=~' | '!~', value: value! };
  });
  return index.match(compileMatchers(matchers));
}

describe('the label index', () => {
  it('finds streams by equal values', () => {
    expect(match('app=x')).toEqual([0, 2]);
    expect(match('app=x', 'env=prod')).toEqual([0]);
    expect(match('app=nothing')).toEqual([]);
    expect(match('name=x')).toEqual([]);
  });

  it('takes a missing label for an empty one', () => {
    expect(match('env=')).toEqual([2]);
    expect(match('env!=')).toEqual([0, 1, 3]);
    expect(match('env!=prod')).toEqual([2, 3]);
    expect(match('other=')).toEqual([0, 1, 2, 3]);
    expect(match('env=~.*')).toEqual([0, 1, 2, 3]);
    expect(match('env=~.+')).toEqual([0, 1, 3]);
    expect(match('env!~.+')).toEqual([2]);
  });

  it('matches patterns against whole values, newlines included', () => {
    expect(match('app=~x')).toEqual([0, 2]);
    expect(match('app=~x.*')).toEqual([0, 2, 3]);
    expect(match('app=~x|y', 'env=~p.+')).toEqual([0, 1]);
    expect(match('app!~x|y')).toEqual([3]);
    expect(match('env=~dev.new')).toEqual([3]);
  });

  it('matches everything when nothing is asked', () => {
    expect(match()).toEqual([0, 1, 2, 3]);
  });

  it('asks about each distinct value once', () => {
    const index = new LabelIndex();
    for (let i = 0; i < 100; i++) index.add(labelsOf({ app: `app${i % 3}`, pod: String(i) }));
    let asked = 0;
    const matches = (text: string): boolean => ++asked > 0 && text === 'app1';
    expect(index.match([{ name: 'app', op: '=~', value: '', matches }])).toHaveLength(33);
    expect(asked).toBe(3);
  });
});
