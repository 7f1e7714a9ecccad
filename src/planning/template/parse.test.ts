import { describe, expect, it } from 'vitest';
import { parseTemplate, templateNestingMax } from './parse.js';
import { printNode } from './print.js';

function print(text: string): string {
  return printNode(parseTemplate('line', text).root);
}

function errorOf(text: string): string {
  try {
    parseTemplate('line', text);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

describe('parseTemplate', () => {
  it.each([
    ['plain text', 'plain text'],
    ['{{.a}}', '{{.a}}'],
    ['{{ .a | ToUpper }}', '{{.a | ToUpper}}'],
    ['{{ printf "%s" (trunc 3 .a) }}', '{{printf "%s" (trunc 3 .a)}}'],
    ['{{ $x := .a }}{{ $x = `b` }}{{ $x.y.z }}', '{{$x := .a}}{{$x = `b`}}{{$x.y.z}}'],
    ['{{if .a}}x{{else if .b}}y{{else}}z{{end}}', '{{if .a}}x{{else}}{{if .b}}y{{else}}z{{end}}{{end}}'],
    ['{{with .a}}x{{else with .b}}y{{end}}', '{{with .a}}x{{else}}{{with .b}}y{{end}}{{end}}'],
    ['{{range $i, $e := .}}{{break}}{{continue}}{{end}}', '{{range $i, $e := .}}{{break}}{{continue}}{{end}}'],
    ['{{template "x" .}}', '{{template "x" .}}'],
    ['{{block "x" .a}}body{{end}}', '{{template "x" .a}}'],
    ['{{(fromJson .a).b.c}}', '{{(fromJson .a).b.c}}'],
    ['{{__timestamp__.Year}}', '{{__timestamp__.Year}}'],
    ["{{print nil true 1 -2.5 0x1F 'a' 1e3 2i 1+2i .5}}", "{{print nil true 1 -2.5 0x1F 'a' 1e3 2i 1+2i .5}}"],
    ['{{.a\n|\nToUpper}}', '{{.a | ToUpper}}'],
    ['{{- /* a\ncomment */ -}}', ''],
    ['a \n{{- .x -}} \n b', 'a{{.x}}b'],
    ['{{-3}}', '{{-3}}'],
    ['a }} b', 'a }} b'],
    ['{{ .a | }}', '{{.a}}'],
  ])('%j reads as %j', (text, expected) => {
    expect(print(text)).toBe(expected);
  });

  it.each([
    ['{{ nosuchfunc }}', 'template: line:1: function "nosuchfunc" not defined'],
    ['{{ .level', 'template: line:1: unclosed action'],
    ['a\n{{ .level\n', 'template: line:3: unclosed action started at line:2'],
    ['{{ .a\n"x', 'template: line:2: unterminated quoted string in action started at line:1'],
    ['{{ } }}', 'template: line:1: unexpected "}" in command'],
    ['{{ .a } }}', 'template: line:1: unexpected "}" in operand'],
    ['{{}}', 'template: line:1: missing value for command'],
    ['{{if}}x{{end}}', 'template: line:1: missing value for if'],
    ['{{if .a}}x', 'template: line:1: unexpected EOF'],
    ['{{end}}', 'template: line:1: unexpected {{end}}'],
    ['{{else}}', 'template: line:1: unexpected {{else}}'],
    ['{{if .a}}{{else}}{{else}}{{end}}', 'template: line:1: expected end; found {{else}}'],
    ['{{range .a}}{{else if .b}}{{end}}', 'template: line:1: unexpected <if> in input'],
    ['{{.a | 3}}', 'template: line:1: non executable command in pipeline stage 2'],
    ['{{ $x }}', 'template: line:1: undefined variable "$x"'],
    ['{{if $x := .a}}{{end}}{{$x}}', 'template: line:1: undefined variable "$x"'],
    ['{{ $a, $b := .x }}', 'template: line:1: too many declarations in command'],
    ['{{range $a, .b}}{{end}}', 'template: line:1: range can only initialize variables'],
    ['{{break}}', 'template: line:1: {{break}} outside {{range}}'],
    ['{{range .}}{{define "x"}}{{end}}{{end}}', 'template: line:1: unexpected <define> in command'],
    ['{{ (.a }}', 'template: line:1: unclosed left paren'],
    ['{{ .a) }}', 'template: line:1: unexpected right paren'],
    ['{{ "a }}', 'template: line:1: unterminated quoted string'],
    ['{{ `a }}', 'template: line:1: unterminated raw quoted string'],
    ["{{ 'a }}", 'template: line:1: unterminated character constant'],
    ["{{ 'ab' }}", "template: line:1: malformed character constant: 'ab'"],
    ['{{ "\\q" }}', 'template: line:1: invalid syntax'],
    ['{{ 1x }}', 'template: line:1: bad number syntax: "1x"'],
    ['{{ 08 }}', 'template: line:1: integer overflow: "08"'],
    ['{{ 99999999999999999999 }}', 'template: line:1: integer overflow: "99999999999999999999"'],
    ['{{ .a$ }}', "template: line:1: bad character U+0024 '$'"],
    ['{{ \u00a7 }}', "template: line:1: unrecognized character in action: U+00A7 '\u00a7'"],
    ['{{ "a".b }}', 'template: line:1: unexpected . after term "\\"a\\""'],
    ['{{/* a', 'template: line:1: unclosed comment'],
    ['{{/* a */ b}}', 'template: line:1: comment ends before closing delimiter'],
    ['{{ : }}', 'template: line:1: expected :='],
    ['{{template 3}}', 'template: line:1: unexpected "3" in template clause'],
    ['{{define "a"}}x{{end}}{{define "a"}}y{{end}}', 'template: line:1: template: multiple definition of template "a"'],
    ['{{ abcdefghijklmnop, }}', 'template: line:1: function "abcdefghijklmnop" not defined'],
    ['{{ "abcdefghijklmnop" "" , }}', 'template: line:1: unexpected "," in operand'],
    ['{{template abcdefghijklmnop}}', 'template: line:1: unexpected "abcdefghij"... in template clause'],
  ])('%j is refused with %j', (text, expected) => {
    expect(errorOf(text)).toBe(expected);
  });

  it('numbers keep every type that can hold them', () => {
    const number = (text: string) => {
      const [node] = parseTemplate('line', `{{print ${text}}}`).root.nodes;
      const arg = node?.kind === 'print' ? node.pipe.commands[0]?.args[1] : undefined;
      return arg?.kind === 'number' ? [arg.int, arg.uint, arg.float] : undefined;
    };
    expect(number('3')).toEqual([3n, 3n, 3]);
    expect(number('-3')).toEqual([-3n, null, -3]);
    expect(number('1e3')).toEqual([1000n, 1000n, 1000]);
    expect(number('1.5')).toEqual([null, null, 1.5]);
    expect(number('1_000')).toEqual([1000n, 1000n, 1000]);
    expect(number('010')).toEqual([8n, 8n, 8]);
    expect(number("'a'")).toEqual([97n, 97n, 97]);
    expect(number('18446744073709551615')).toEqual([null, 18446744073709551615n, 2 ** 64]);
    expect(number('1i')).toEqual([null, null, null]);
    expect(number('2+0i')).toEqual([2n, 2n, 2]);
  });

  it('an empty template may define itself', () => {
    const template = parseTemplate('line', '{{define "line"}}x{{end}} ');
    expect(printNode(template.root)).toBe('x');
  });

  it('nesting is bounded', () => {
    const nested = (n: number) => `${'{{if .a}}'.repeat(n)}${'{{end}}'.repeat(n)}`;
    expect(errorOf(nested(templateNestingMax))).toBe('accepted');
    expect(errorOf(nested(templateNestingMax + 1))).toBe('template: line:1: max expression depth exceeded');
    expect(errorOf(`{{${'('.repeat(100_000)}`)).toBe('template: line:1: max expression depth exceeded');
    expect(errorOf(`{{if 1}}${'{{else if 1}}'.repeat(100_000)}`)).toBe(
      'template: line:1: max expression depth exceeded',
    );
  });
});
