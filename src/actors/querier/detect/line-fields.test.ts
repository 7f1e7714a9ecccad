import { describe, expect, it } from 'vitest';
import { LineFields } from './line-fields.js';

describe('the fields of a line', () => {
  it('of JSON come with their paths', () => {
    const line = '{"a":1,"user":{"first name":"x\\n","id":2},"list":[1],"none":null,"http.host":"h"}';
    expect(new LineFields().of(line)).toEqual({
      parser: 'json',
      fields: [
        { name: 'a', value: '1', path: ['a'] },
        { name: 'user_first_name', value: 'x\n', path: ['user', 'first name'] },
        { name: 'user_id', value: '2', path: ['user', 'id'] },
        { name: 'http_host', value: 'h', path: ['http.host'] },
      ],
    });
  });

  it('of logfmt have none', () => {
    expect(new LineFields().of('a=1 b="two words" empty= flag')).toEqual({
      parser: 'logfmt',
      fields: [
        { name: 'a', value: '1', path: [] },
        { name: 'b', value: 'two words', path: [] },
      ],
    });
  });

  it('of JSON that breaks off are those of logfmt', () => {
    expect(new LineFields().of('{"a":1,"b":').fields).toEqual([]);
    expect(new LineFields().of('{"a":1 b=2').fields).toEqual([{ name: 'b', value: '2', path: [] }]);
  });

  it.each(['', ' ', 'plain text', '"text"', '17', '[1,2]'])('of %j are none', (line) => {
    expect(new LineFields().of(line)).toEqual({ parser: 'logfmt', fields: [] });
  });

  it('of which several have the same name are the first', () => {
    expect(new LineFields().of('{"a.b":1,"a_b":2}').fields).toEqual([{ name: 'a_b', value: '1', path: ['a.b'] }]);
  });

  it('do not depend on the lines before', () => {
    const lines = new LineFields();
    const all = ['{"a":1,"b":{"c":2}}', '{"b":{"c":3}', 'c=4', '{"b":{"d":5},"a":6}', '{"a":7,"b":{"c":8}}'];
    expect(all.map((line) => lines.of(line))).toEqual(all.map((line) => new LineFields().of(line)));
  });
});
