import { describe, expect, it } from 'vitest';
import { referencedFields } from './fields.js';
import { parseTemplate } from './parse.js';

function labels(text: string): readonly string[] | 'all' {
  return referencedFields(parseTemplate('line', text)).labels;
}

describe('referencedFields', () => {
  it.each<[string, readonly string[] | 'all']>([
    ['text', []],
    ['{{.b}} {{.a | ToUpper}} {{trunc 3 .a}}', ['a', 'b']],
    ['{{.a.b}}', ['a']],
    ['{{if .a}}{{.b}}{{else}}{{.c}}{{end}}', ['a', 'b', 'c']],
    ['{{with .a}}{{.}}{{.b}}{{$.c}}{{else}}{{.d}}{{end}}', ['a', 'c', 'd']],
    ['{{range $k, $v := (fromJson .a)}}{{$k}}{{$v.x}}{{.y}}{{end}}', ['a']],
    ['{{index . "a"}}', ['a']],
    ['{{$x := .a}}{{$x}}', ['a']],
    ['{{template "x" .}}{{define "x"}}{{.a}}{{$.b}}{{end}}', ['a', 'b']],
    ['{{template "x" .a}}{{define "x"}}{{.b}}{{.}}{{end}}', ['a']],
    ['{{define "x"}}{{.unused}}{{end}}', []],
    ['{{template "x" .}}{{define "x"}}{{.a}}{{template "x" .}}{{end}}', ['a']],
    ['{{.}}', 'all'],
    ['{{$}}', 'all'],
    ['{{index . .a}}', 'all'],
    ['{{range $k, $v := .}}{{end}}', 'all'],
    ['{{$x := .}}{{$x.a}}', 'all'],
    ['{{len .}}', 'all'],
    ['{{(.).a}}', 'all'],
  ])('%j reads %j', (text, expected) => {
    expect(labels(text)).toEqual(expected);
  });

  it('the line and the timestamp are reported apart from labels', () => {
    const read = (text: string) => referencedFields(parseTemplate('line', text));
    expect(read('{{__line__ | len}}')).toEqual({ labels: [], line: true, timestamp: false });
    expect(read('{{__timestamp__.Year}}')).toEqual({ labels: [], line: false, timestamp: true });
    expect(read('{{.__line__}}')).toEqual({ labels: ['__line__'], line: false, timestamp: false });
  });
});
