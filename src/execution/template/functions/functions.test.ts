import { describe, expect, it } from 'vitest';
import { renderTemplate } from '../../../../test/support/render-template.js';
import { TEMPLATE_FUNCTIONS } from '../../../planning/template/functions.js';
import { functionNames } from './table.js';

const labels = {
  msg: 'payment refused',
  multi: 'é€𝄞',
  n: '42',
  json: '{"a":{"b":[1,2.5,"x"]},"stray":"\\ud800x","big":1e400,"__proto__":"p"}',
};

function render(template: string): string {
  return renderTemplate(template, { labels, line: 'the line' });
}

/** What a failing function says, without the place. */
function failure(template: string): string {
  return /^error: .* error calling (.*)$/s.exec(render(template))?.[1] ?? `no failure: ${render(template)}`;
}

it('every function a template may name can be called', () => {
  const special = ['and', 'or', 'call'];
  expect([...functionNames(), ...special].sort()).toEqual([...TEMPLATE_FUNCTIONS].sort());
});

describe('text functions', () => {
  it.each([
    ['{{ToUpper "straße ŉ ﬀ ᾳ ǆ"}} {{upper "ß"}}', 'STRAßE ŉ ﬀ ᾼ Ǆ ß'],
    ['{{ToLower "ΑΣ İ K"}} {{lower "É"}}', 'ασ i k é'],
    ['{{title "hello wörld-a o\'neil x_y ǆa 1st"}}', "Hello Wörld-A O'Neil X_y ǅa 1st"],
    [
      '{{Replace "aaaa" "a" "b" 2}} {{Replace "ab" "" "-" -1}} {{Replace "ab" "" "-" 2}} {{Replace "aa" "a" "$&" -1}}',
      'bbaa -a-b- -a-b $&$&',
    ],
    ['{{replace "a" "b" "banana"}}', 'bbnbnb'],
    ['{{Trim "xxaxx" "x"}} {{TrimLeft "xxaxx" "x"}} {{TrimRight "xxaxx" "x"}} {{Trim "é𝄞a𝄞" "𝄞é"}}', 'a axx xxa a'],
    [
      '{{TrimPrefix "abc" "ab"}} {{TrimSuffix "abc" "bc"}} {{TrimPrefix "abc" "x"}} {{TrimSuffix "abc" ""}}',
      'c a abc abc',
    ],
    ['[{{TrimSpace "\\u00a0\\u2003 a \\t\\n\\u0085"}}] [{{trim "\\ufeffa"}}]', '[a] [\ufeffa]'],
    ['{{trimAll "$" "$5$"}} {{trimPrefix "$" "$5$"}} {{trimSuffix "$" "$5$"}}', '5 5$ $5'],
    [
      '{{trunc 5 .msg}}|{{trunc -5 .msg}}|{{trunc 50 .msg}}|{{trunc -50 .msg}}|{{trunc 0 .msg}}|',
      'payme|fused|payment refused|payment refused||',
    ],
    ['{{trunc 3 .multi}}|{{trunc -4 .multi}}|{{trunc 2 .multi | len}}', 'é\ufffd|𝄞|2'],
    ['{{printf "%s%s" (trunc 1 "é") (substr 1 2 "é")}}', 'é'],
    [
      '{{substr 2 6 .msg}}|{{substr -1 3 .msg}}|{{substr 3 -1 .msg}}|{{substr 3 99 .msg}}|{{substr 2 5 .multi}}',
      'ymen|pay|ment refused|ment refused|€',
    ],
    [
      '{{contains "pay" .msg}} {{hasPrefix "pay" .msg}} {{hasSuffix "sed" .msg}} {{contains "x" .msg}}',
      'true true true false',
    ],
    ['{{indent 2 "a\\nb"}}|{{nindent 2 "a\\nb"}}', '  a\n  b|\n  a\n  b'],
    ['{{repeat 3 "ab"}}{{repeat 0 "ab"}}', 'ababab'],
    [
      '{{alignLeft 5 "ab"}}|{{alignRight 5 "ab"}}|{{alignLeft 2 .multi}}|{{alignRight 2 .multi}}|{{alignLeft -1 "ab"}}',
      'ab   |   ab|é€|€𝄞|ab',
    ],
  ])('%j prints %j', (template, expected) => {
    expect(render(template)).toBe(expected);
  });

  it.each([
    ['{{substr 20 30 .msg}}', 'substr: runtime error: slice bounds out of range [20:15]'],
    ['{{substr 5 3 .msg}}', 'substr: runtime error: slice bounds out of range [5:3]'],
    ['{{substr -1 20 .msg}}', 'substr: runtime error: slice bounds out of range [:20] with length 15'],
    ['{{substr -1 -2 .msg}}', 'substr: runtime error: slice bounds out of range [:-2]'],
    ['{{repeat -1 "a"}}', 'repeat: strings: negative Repeat count'],
    ['{{indent -1 "a"}}', 'indent: strings: negative Repeat count'],
  ])('%j fails: %s', (template, expected) => {
    expect(failure(template)).toBe(expected);
  });
});

describe('arithmetic', () => {
  it.each([
    [
      '{{int "42"}} {{int "3.9"}} {{int "-3.9"}} {{int 3.9}} {{int "x"}} {{int ""}} {{int true}} {{int nil}}',
      '42 3 -3 3 0 0 1 0',
    ],
    [
      '{{int "0x1f"}} {{int "010"}} {{int "08"}} {{int "1_000"}} {{int "1e3"}} {{int "-.5"}} {{int "+7"}} {{int " 1"}}',
      '31 8 0 1000 0 0 7 0',
    ],
    ['{{int "9223372036854775808"}} {{int 1e30}} {{int .}}', '0 -9223372036854775808 0'],
    ['{{int __timestamp__.Month}} {{int (index "a" 0)}}', '11 97'],
    [
      '{{float64 "1.5"}} {{float64 "1e6"}} {{float64 "x"}} {{float64 "inf"}} {{float64 "1e400"}} {{float64 7}}',
      '1.5 1e+06 0 +Inf 0 7',
    ],
    [
      '{{add}} {{add 1 2 .n}} {{sub 1 2}} {{mul 2 3 4}} {{mul 2}} {{div 7 2}} {{div -7 2}} {{mod 7 3}} {{mod -7 3}}',
      '0 45 -1 24 2 3 -3 1 -1',
    ],
    ['{{add 9223372036854775807 1}} {{mul 4611686018427387904 4}}', '-9223372036854775808 0'],
    ['{{max 1 3 2}} {{min 1 3 -2}} {{max "5" 3}}', '3 -2 5'],
    [
      '{{addf 0.1 0.2}} {{addf}} {{subf 0.3 0.1}} {{mulf 1.1 1.1}} {{divf 7 2}} {{divf 1 3}} {{divf 2 3}} {{divf -2 3}}',
      '0.3 0 0.2 1.21 3.5 0.3333333333333333 0.6666666666666667 -0.6666666666666667',
    ],
    ['{{addf "1.5" 2 .n}} {{mulf 1e200 1e200}} {{divf 1 1e20}}', '45.5 +Inf 0'],
    ['{{maxf 1.5 2 "3.5"}} {{minf 1.5 2}}', '3.5 1.5'],
    ['{{ceil 1.2}} {{floor 1.8}} {{ceil "-1.2"}} {{floor -1.2}}', '2 1 -1 -2'],
    [
      '{{round 3.13659 2}} {{round 2.5 0}} {{round 1.45 0 0.4}} {{round "123.456" 1}} {{round -3.2 0}} {{round 1234.5 -2}}',
      '3.14 3 2 123.5 -4 1200',
    ],
  ])('%j prints %j', (template, expected) => {
    expect(render(template)).toBe(expected);
  });

  it.each([
    ['{{div 1 0}}', 'div: runtime error: integer divide by zero'],
    ['{{mod 1 "x"}}', 'mod: runtime error: integer divide by zero'],
    ['{{divf 1 0}}', 'divf: decimal division by 0'],
    ['{{addf "NaN"}}', 'addf: Cannot create a Decimal from NaN'],
    ['{{mulf "-Inf"}}', 'mulf: Cannot create a Decimal from -Inf'],
  ])('%j fails: %s', (template, expected) => {
    expect(failure(template)).toBe(expected);
  });
});

describe('regular expressions', () => {
  it.each([
    ['{{regexReplaceAll "(p[a-z]+)" .msg "<$1>"}}', '<payment> refused'],
    [
      `{{regexReplaceAll "(?P<w>\\\\w+) (\\\\w+)" .msg "\${2} $w $$ $0 $9 $wx \${w}x $01"}}`,
      'refused payment $ payment refused   paymentx ',
    ],
    ['{{regexReplaceAll "a*" "baaac" "x"}} {{regexReplaceAll "" "ab" "-"}}', 'xbxcx -a-b-'],
    ['{{regexReplaceAllLiteral "p" .msg "$0"}}', '$0ayment refused'],
    ['{{regexReplaceAll "x" .msg "y"}}', 'payment refused'],
    ['{{count "a|e" .msg}} {{count "" "abc"}} {{count "a*" "baac"}} {{count "é" .multi}}', '4 4 3 1'],
    ['{{regexReplaceAll "(?i)P" .multi "x"}}{{regexReplaceAll "." .multi "x"}}', 'é€𝄞xxx'],
  ])('%j prints %j', (template, expected) => {
    expect(render(template)).toBe(expected);
  });

  it('a bad pattern fails with Go’s text', () => {
    expect(failure('{{regexReplaceAll "(" .msg ""}}')).toBe(
      'regexReplaceAll: error parsing regexp: missing closing ): `(`',
    );
    expect(failure('{{count "a**" .msg}}')).toBe(
      'count: error parsing regexp: invalid nested repetition operator: `**`',
    );
  });
});

describe('encodings', () => {
  it.each([
    ['{{b64enc .multi}} {{b64enc .multi | b64dec}} {{b64enc ""}}', 'w6nigqzwnYSe é€𝄞 '],
    ['{{b64dec "YQ"}} {{b64dec "YWI"}} {{b64dec "YWJj"}} {{b64dec "YW\\nJj"}}', 'a ab abc abc'],
    [
      '{{b64dec "Y"}}|{{b64dec "a b="}}|{{b64dec "YQ=="}}{{b64dec "YQ==Y"}}',
      'illegal base64 data at input byte 1|illegal base64 data at input byte 1|aillegal base64 data at input byte 4',
    ],
    ['{{b64dec "/w" | len}} {{b64dec "/w"}}', '1 \ufffd'],
    ['{{urlencode "a b&c=é~*"}} {{urlencode "plain-._~"}}', 'a+b%26c%3D%C3%A9~%2A plain-._~'],
    ['{{urldecode "a+b%26c%C3%A9"}} {{urldecode "%ff"}}', 'a b&cé \ufffd'],
    [
      '{{bytes "2KB"}} {{bytes "3MB"}} {{bytes "1.5KiB"}} {{bytes "1,024"}} {{bytes "1 gib"}}',
      '2000 3e+06 1536 1024 1.073741824e+09',
    ],
    ['{{duration "1h30m"}} {{duration "1.5s"}} {{duration_seconds "250ms"}} {{duration "-1m"}}', '5400 1.5 0.25 -60'],
    [
      '{{default "d" ""}} {{default "d" "v"}} {{default "d" 0}} {{default "d" 0.0}} {{default "d" false}} {{default "d"}}',
      'd v d d d d',
    ],
    [
      '{{default "d" (fromJson "[]")}} {{default "d" (fromJson "{}")}} {{.absent | default "d"}} {{default "d" nil}}',
      'd d d d',
    ],
  ])('%j prints %j', (template, expected) => {
    expect(render(template)).toBe(expected);
  });

  it.each([
    ['{{urldecode "%zz"}}', 'urldecode: invalid URL escape "%zz"'],
    ['{{urldecode "a%2"}}', 'urldecode: invalid URL escape "%2"'],
    ['{{bytes "x"}}', 'bytes: strconv.ParseFloat: parsing "": invalid syntax'],
    ['{{bytes "1xb"}}', 'bytes: unhandled size name: xb'],
    ['{{duration "abc"}}', 'duration: time: invalid duration "abc"'],
    ['{{duration "5"}}', 'duration: time: missing unit in duration "5"'],
    ['{{duration_seconds "5x"}}', 'duration_seconds: time: unknown unit "x" in duration "5x"'],
  ])('%j fails: %s', (template, expected) => {
    expect(failure(template)).toBe(expected);
  });
});

describe('fromJson', () => {
  it.each([
    ['{{(fromJson .json).a.b}} {{index (fromJson .json).a.b 2}}', '[1 2.5 x] x'],
    ['{{(fromJson .json).stray}} {{(fromJson .json).big}} {{(fromJson .json).__proto__}}', '\ufffdx <no value> p'],
    [
      '{{fromJson "{"}} {{fromJson "\\"s\\""}} {{fromJson "1"}} {{fromJson "true"}} {{fromJson "1e6"}}',
      '<no value> s 1 true 1e+06',
    ],
    [
      '{{printf "%T %T %T %T" (fromJson "1") (fromJson "[]") (fromJson "{}") (fromJson "\\"\\"")}}',
      'float64 []interface {} map[string]interface {} string',
    ],
    ['{{(fromJson .json).constructor}}', '<no value>'],
  ])('%j prints %j', (template, expected) => {
    expect(render(template)).toBe(expected);
  });
});
