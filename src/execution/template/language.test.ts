import { describe, expect, it } from 'vitest';
import { renderTemplate } from '../../../test/support/render-template.js';

const labels = {
  a: 'x',
  b: '',
  n: '42',
  multi: 'é€𝄞',
  json: '{"user":{"id":20,"name":"carol"},"roles":["admin","dev"],"nothing":null,"ok":true,"big":1e21,"deep":[[1,2],[]]}',
};

function render(template: string): string {
  return renderTemplate(template, { labels, line: 'the line' });
}

describe('control structures', () => {
  it.each([
    ['{{if .a}}A{{end}}{{if .b}}B{{end}}', 'A'],
    ['{{if .b}}B{{else if .a}}A{{else}}-{{end}}', 'A'],
    ['{{if and .a (eq .n "42")}}yes{{end}}', 'yes'],
    ['{{with .a}}{{.}}{{$.n}}{{else}}-{{end}}', 'x42'],
    ['{{with .b}}B{{else with .a}}{{.}}{{end}}', 'x'],
    ['{{with $v := .a}}{{$v}}{{end}}', 'x'],
    ['{{range (fromJson .json).roles}}[{{.}}]{{end}}', '[admin][dev]'],
    ['{{range $i, $r := (fromJson .json).roles}}{{$i}}={{$r}} {{end}}', '0=admin 1=dev '],
    ['{{range $k, $v := (fromJson .json).user}}{{$k}}={{$v}} {{end}}', 'id=20 name=carol '],
    ['{{range $k, $v := .}}{{$k}} {{end}}', 'a b json multi n '],
    ['{{range $v := (fromJson .json).user}}{{$v}} {{end}}', '20 carol '],
    ['{{range (fromJson "[]")}}x{{else}}none{{end}}', 'none'],
    ['{{range (fromJson "null")}}x{{else}}none{{end}}', 'none'],
    ['{{range 3}}{{.}}{{end}}{{range $i := 2}}<{{$i}}>{{end}}{{range 0}}x{{else}}none{{end}}', '012<0><1>none'],
    [
      '{{range $i, $e := (fromJson "[1,2,3,4]")}}{{if eq $i 1}}{{continue}}{{end}}{{if eq $i 3}}{{break}}{{end}}{{$e}}{{end}}',
      '13',
    ],
    ['{{range 2}}{{range (fromJson "[]")}}{{else}}{{break}}{{end}}x{{end}}', 'xx'],
    ['{{range 2}}{{range (fromJson "[]")}}{{else}}{{continue}}{{end}}x{{end}}', ''],
    ['{{range (fromJson .json).deep}}({{range .}}{{.}}{{else}}empty{{end}}){{end}}', '(12)(empty)'],
    ['{{define "t"}}<{{.}}>{{end}}{{template "t" .a}}{{template "t" .n}}', '<x><42>'],
    ['{{define "t"}}<{{.a}}{{$.n}}>{{end}}{{template "t" .}}', '<x42>'],
    ['{{define "t"}}<{{.}}>{{end}}{{template "t"}}', '<<no value>>'],
    ['{{block "t" .a}}[{{.}}]{{end}}', '[x]'],
    ['{{define "r"}}{{if gt . 0}}{{.}}{{template "r" (int (sub . 1))}}{{end}}{{end}}{{template "r" 3}}', '321'],
    ['{{$x := 1}}{{if true}}{{$x = 2}}{{$x := 3}}{{$x}}{{end}}{{$x}}', '32'],
    ['{{$x := 1}}{{range $x = (fromJson "[7,8]")}}{{end}}{{$x}}', '8'],
    ['{{$x := .a}}{{define "t"}}{{$}}{{end}}{{template "t" $x}}', 'x'],
    ['a {{- .a -}} b', 'axb'],
    ['{{/* nothing */}}a{{- /* here */ -}} b', 'ab'],
    ['{{"a"}}{{`b`}}{{1}}{{1.50}}{{true}}{{\'c\'}}{{0x10}}{{1e3}}{{1_000}}', 'ab11.5true991610001000'],
    ['{{1e6}} {{1000000}} {{1.0}} {{.5}} {{2i}}', '1e+06 1000000 1 0.5 (0+2i)'],
    ['{{.}}', `map[a:x b: json:${labels.json} multi:é€𝄞 n:42]`],
    [
      '{{fromJson .json}}',
      'map[big:1e+21 deep:[[1 2] []] nothing:<nil> ok:true roles:[admin dev] user:map[id:20 name:carol]]',
    ],
    ['{{(fromJson .json).nothing}} {{(fromJson .json).absent}} {{.absent}}', '<no value> <no value> '],
    ['{{$x := fromJson "null"}}{{$x.a.b}}', '<no value>'],
  ])('%j prints %j', (template, expected) => {
    expect(render(template)).toBe(expected);
  });
});

it('text that is half a character is replaced, whichever way the template runs', () => {
  expect(render('a\ud800b{{.a}}')).toMatch(/^a\ufffdb/);
});

describe('builtin functions', () => {
  it.each([
    [
      '{{and}}',
      'error: template: line:1:2: executing "line" at <and>: wrong number of args for and: want at least 1 got 0',
    ],
    ['{{and 1 0 (div 1 0)}} {{or 0 2 (div 1 0)}}', '0 2'],
    ['{{and 1 "x"}} {{or "" 0}} {{1 | and 2}}', 'x 0 1'],
    ['{{not 0}} {{not "a"}}', 'true false'],
    ['{{eq 1 1}} {{eq "a" "b" "a"}} {{eq 1.5 1.5}} {{eq true true}} {{ne 1 2}}', 'true true true true true'],
    ['{{eq (index "a" 0) 97}} {{lt (index "a" 0) 98}}', 'true true'],
    ['{{eq (fromJson "null") nil}} {{eq .a nil}}', 'true false'],
    ['{{lt 1 2}} {{le 2 2}} {{gt "b" "a"}} {{ge 1.5 2.5}}', 'true true true false'],
    ['{{lt "é" "z"}} {{lt "𝄞" "\uffff"}}', 'false false'],
    ['{{len "é"}} {{len .}} {{len (fromJson .json).roles}}', '2 5 2'],
    ['{{index . "a"}} {{index . "absent"}}| {{index (fromJson .json) "roles" 1}} {{index "abc" 1}}', 'x | dev 98'],
    ['{{slice "abcdef" 1 3}} {{slice "abc" 1}} {{slice "abc"}} {{slice (fromJson "[1,2,3]") 1}}', 'bc bc abc [2 3]'],
    ['{{print 1 2 "a" "b" 3}}|{{print nil}}|{{println "a" 1}}', '1 2ab3|<nil>|a 1\n'],
    ['{{html "<a href=\'x\'>&\\"\\x00"}}', '&lt;a href=&#39;x&#39;&gt;&amp;&#34;\ufffd'],
    [
      '{{js "it\'s <b> \\"q\\" a=b \\\\ \\n é \\u00a0"}}',
      'it\\\'s \\u003Cb\\u003E \\"q\\" a\\u003Db \\\\ \\u000A é \\u00A0',
    ],
    ['{{urlquery "a b&c/é"}} {{urlquery "a" 1}}', 'a+b%26c%2F%C3%A9 a1'],
    ['{{html (fromJson "null")}}', '&lt;no value&gt;'],
  ])('%j prints %j', (template, expected) => {
    expect(render(template)).toBe(expected);
  });
});

describe('execution errors carry Go’s texts', () => {
  const at = (place: string, node: string, message: string) =>
    `error: template: line:${place}: executing "line" at <${node}>: ${message}`;

  it.each([
    ['{{.a.b}}', at('1:4', '.a.b', "can't evaluate field b in type string")],
    ['a\nbé{{.a.b}}', at('2:7', '.a.b', "can't evaluate field b in type string")],
    ['{{eq 1 1.0}}', at('1:2', 'eq 1 1.0', 'error calling eq: incompatible types for comparison: int and float64')],
    ['{{eq 1}}', at('1:2', 'eq 1', 'error calling eq: missing argument for comparison')],
    ['{{lt true false}}', at('1:2', 'lt true false', 'error calling lt: invalid type for comparison')],
    ['{{lt . .}}', at('1:2', 'lt . .', 'error calling lt: invalid type for comparison')],
    [
      '{{eq (fromJson "{}") (fromJson "{}")}}',
      at(
        '1:2',
        'eq (fromJson "{}") (fromJson "{}")',
        'error calling eq: non-comparable type map[]: map[string]interface {}',
      ),
    ],
    ['{{len 3}}', at('1:2', 'len 3', 'error calling len: len of type int')],
    ['{{len nil}}', at('1:2', 'len nil', 'error calling len: reflect: call of reflect.Value.Type on zero Value')],
    ['{{index "a" 3}}', at('1:2', 'index "a" 3', 'error calling index: index out of range: 3')],
    [
      '{{index (fromJson "[]") 0}}',
      at('1:2', 'index (fromJson "[]") 0', 'error calling index: reflect: slice index out of range'),
    ],
    ['{{index . 3}}', at('1:2', 'index . 3', 'error calling index: value has type int; should be string')],
    ['{{index 3 3}}', at('1:2', 'index 3 3', "error calling index: can't index item of type int")],
    ['{{index nil}}', at('1:2', 'index nil', 'error calling index: index of untyped nil')],
    ['{{slice "abc" 2 1}}', at('1:2', 'slice "abc" 2 1', 'error calling slice: invalid slice index: 2 > 1')],
    ['{{slice "abc" 0 1 2}}', at('1:2', 'slice "abc" 0 1 2', 'error calling slice: cannot 3-index slice a string')],
    ['{{slice . 1}}', at('1:2', 'slice . 1', "error calling slice: can't slice item of type map[string]string")],
    ['{{call .a}}', at('1:2', 'call .a', 'error calling call: non-function .a of type string')],
    ['{{call nil}}', at('1:2', 'call nil', 'error calling call: call of nil')],
    ['{{nil}}', at('1:2', 'nil', 'nil is not a command')],
    ['{{ToUpper 3}}', at('1:10', '3', 'expected string; found 3')],
    ['{{ToUpper}}', at('1:2', 'ToUpper', 'wrong number of args for ToUpper: want 1 got 0')],
    ['{{ToUpper "a" "b"}}', at('1:2', 'ToUpper', 'wrong number of args for ToUpper: want 1 got 2')],
    ['{{div}}', at('1:2', 'div', 'wrong number of args for div: want 2 got 0')],
    ['{{max}}', at('1:2', 'max', 'wrong number of args for max: want at least 1 got 0')],
    ['{{trunc "a" "b"}}', at('1:8', '"a"', 'expected integer; found "a"')],
    ['{{trunc 1.5 "b"}}', at('1:8', '1.5', 'expected integer; found 1.5')],
    ['{{trunc .a "b"}}', at('1:8', '.a', 'wrong type for value; expected int; got string')],
    ['{{trunc (add 1 2) "abc"}}', at('1:15', '2', 'wrong type for value; expected int; got int64')],
    ['{{ToUpper nil}}', at('1:10', 'nil', 'cannot assign nil to string')],
    ['{{fromJson "null" | ToUpper}}', at('1:20', 'ToUpper', 'invalid value; expected string')],
    ['{{(fromJson .json).nothing.x}}', at('1:12', '.json', 'nil pointer evaluating interface {}.x')],
    ['{{(fromJson .json).ok.x}}', at('1:12', '.json', "can't evaluate field x in type interface {}")],
    [
      '{{ToUpper (fromJson .json).nothing}}',
      at('1:20', '.json', 'wrong type for value; expected string; got interface {}'),
    ],
    ['{{unixEpoch "a"}}', at('1:12', '"a"', 'can\'t handle "a" for arg of type time.Time')],
    ['{{.a "x"}}', at('1:2', '.a', 'a is not a method but has arguments')],
    ['{{"a" | .a}}', at('1:8', '.a', 'a is not a method but has arguments')],
    ['{{3 4}}', at('1:2', '3', "can't give argument to non-function 3")],
    ['{{$x := 1}}{{$x 2}}', at('1:13', '$x', "can't give argument to non-function $x")],
    ['{{$x = 1}}', at('1:7', '1', 'undefined variable: $x')],
    ['{{range .a}}{{end}}', at('1:8', '.a', "range can't iterate over x")],
    ['{{range $i, $x := 3}}{{end}}', at('1:18', '3', "can't use 3 to iterate over more than one variable")],
    ['{{template "none" .}}', at('1:11', '{{template "none" .}}', 'template "none" not defined')],
    ['{{18446744073709551615}}', at('1:2', '18446744073709551615', '18446744073709551615 overflows int')],
    ['{{__timestamp__.wall}}', at('1:2', '__timestamp__', 'wall is an unexported field of struct type time.Time')],
    ['{{__timestamp__.Nope}}', at('1:2', '__timestamp__', "can't evaluate field Nope in type time.Time")],
    ['{{__timestamp__.Clock}}', at('1:2', '__timestamp__', 'function Clock has 3 return values; should be 1 or 2')],
    ['{{__line__ 1}}', at('1:2', '__line__', 'wrong number of args for __line__: want 0 got 1')],
    ['{{(printf "%d").x}}', at('1:10', '"%d"', "can't evaluate field x in type string")],
  ])('%j fails with %j', (template, expected) => {
    expect(render(template)).toBe(expected);
  });

  it('an error inside a definition names the definition', () => {
    expect(render('{{define "t"}}{{.x}}{{end}}{{template "t" .a}}')).toBe(
      'error: template: line:1:16: executing "t" at <.x>: can\'t evaluate field x in type string',
    );
  });
});
