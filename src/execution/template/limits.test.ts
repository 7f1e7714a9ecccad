import { describe, expect, it } from 'vitest';
import { renderTemplate } from '../../../test/support/render-template.js';
import { templateDepthMax, templateOutputMax } from './limits.js';

const big = 'x'.repeat(600_000);
const labels = { a: 'x', big };

function render(template: string, line = ''): string {
  return renderTemplate(template, { labels, line });
}

describe('nothing grows without limit', () => {
  it.each([
    '{{.big}}{{.big}}',
    '{{repeat 10 .big}}',
    '{{repeat 2000000000 "a"}}',
    '{{indent 2000000000 "a"}}',
    '{{nindent 900000 "a\\nb"}}',
    '{{replace "x" "yy" .big}}',
    '{{Replace .big "" "yy" -1}}',
    '{{regexReplaceAll "x" .big "yy"}}',
    '{{alignLeft 2000000000 "a"}}',
    '{{printf "%2000000d" 1}}',
    '{{print .big .big}}',
    '{{printf "%900000v" (fromJson "[1,1,1]")}}',
    '{{println .big .big}}',
    '{{define "r"}}{{.}}{{template "r" .}}{{end}}{{template "r" .big}}',
  ])('%s fails for its size', (template) => {
    expect(render(template)).toMatch(new RegExp(`^error: .*output exceeds ${templateOutputMax} characters$`));
  });

  it.each([
    '{{range 9223372036854775807}}{{end}}',
    '{{range $i := 1000000}}{{$x := count "(a*)*b" $.big}}{{end}}',
    '{{define "r"}}{{range 1000}}{{template "s" .}}{{end}}{{end}}{{define "s"}}{{range 1000}}{{$y := .}}{{end}}{{end}}{{template "r"}}',
    '{{$x := "%"}}{{range 100000}}{{$x = urlquery $x}}{{end}}',
  ])('%s fails for its work', (template) => {
    expect(render(template)).toMatch(/^error: .*: too much work for one line$/);
  });

  it('hostile layouts and templates are read in linear time', () => {
    const names = 'Jan'.repeat(100_000);
    const context = { a: `${names}x`, big: names };
    const read = renderTemplate('{{(toDate .big .a).IsZero}}', { labels: context });
    expect(read).toBe('true');
    expect(render(`${' '.repeat(200_000)}x{{- .a}}`)).toHaveLength(200_002);
  });

  it('recursion is bounded well within the stack', () => {
    const ifs = '{{if true}}'.repeat(49);
    const ends = '{{end}}'.repeat(49);
    const parens = '('.repeat(49);
    const closed = ')'.repeat(49);
    expect(
      render(`{{define "r"}}${ifs}{{$x := ${parens}print 1${closed}}}{{template "r"}}${ends}{{end}}{{template "r"}}`),
    ).toMatch(new RegExp(`exceeded maximum template depth \\(${templateDepthMax}\\)$`));
  });

  it('deep JSON is read, but not printed as a whole', () => {
    const depth = 100_000;
    const deep = '['.repeat(depth) + ']'.repeat(depth);
    expect(render('{{len (fromJson __line__)}}', deep)).toBe('1');
    expect(render('{{fromJson __line__}}', deep)).toMatch(/^error: .*nests too deep to be printed$/);
    expect(render('{{print (fromJson __line__)}}', '['.repeat(100) + ']'.repeat(100))).toBe(
      '['.repeat(100) + ']'.repeat(100),
    );
  });
});
