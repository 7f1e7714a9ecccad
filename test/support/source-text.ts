/**
 * TypeScript source without its comments and without the insides of strings, templates and regular expressions, so
 * that a search for names finds code only. Line breaks stay where they were. Expressions in templates are kept.
 */
export function codeOf(source: string): string {
  let out = '';
  /** Depth of braces at which a `}` ends a template's `${`. */
  const templates: number[] = [];
  let braces = 0;
  let i = 0;

  const skipTo = (end: number): void => {
    out += source.slice(i, end).replace(/[^\n]/g, ' ');
    i = end;
  };
  /** From inside a template: up to and including its closing backtick or the next `${`. */
  const skipTemplate = (): void => {
    const match = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{)/y;
    match.lastIndex = i;
    const end = match.test(source) ? match.lastIndex : source.length;
    if (source.startsWith('${', end - 2)) templates.push(braces++);
    skipTo(end);
  };

  while (i < source.length) {
    const rest = PATTERNS.find(({ pattern }) => {
      pattern.lastIndex = i;
      return pattern.test(source);
    });
    if (rest !== undefined && (rest.kind !== 'regex' || regexMayFollow(out))) {
      skipTo(rest.pattern.lastIndex);
      continue;
    }
    const char = source[i]!;
    if (char === '`') {
      skipTo(i + 1);
      skipTemplate();
      continue;
    }
    if (char === '{') braces++;
    if (char === '}' && --braces === templates.at(-1)) {
      templates.pop();
      skipTo(i + 1);
      skipTemplate();
      continue;
    }
    out += char;
    i++;
  }
  return out;
}

const PATTERNS = [
  { kind: 'comment', pattern: /\/\/[^\n]*|\/\*[\s\S]*?\*\//y },
  { kind: 'string', pattern: /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y },
  { kind: 'regex', pattern: /\/(?![*/])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y },
];

/** A slash after a value divides; after anything else it opens a regular expression. */
function regexMayFollow(before: string): boolean {
  const tail = before.trimEnd();
  return /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|new|await|yield|throw|void))$/.test(tail);
}
