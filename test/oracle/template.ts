/**
 * The part of Go's templates that generated queries use: fields, pipelines, calls of functions on strings, `if`. What
 * else a template may have is left out and throws Unsupported.
 */
export type TemplateValue = string | number | boolean;

export interface TemplateData {
  readonly labels: ReadonlyMap<string, string>;
  readonly line: string;
}

export class Unsupported extends Error {}
/** An error of execution (A62). */
export class TemplateError extends Error {}

type Operand =
  | { readonly kind: 'value'; readonly value: TemplateValue }
  | { readonly kind: 'field'; readonly name: string }
  | Pipeline;
interface Call {
  readonly name?: string;
  readonly operands: readonly Operand[];
}
interface Pipeline {
  readonly kind: 'pipeline';
  readonly calls: readonly Call[];
}
type Node =
  | { readonly kind: 'text'; readonly text: string }
  | Pipeline
  | { readonly kind: 'if'; readonly condition: Pipeline; readonly yes: readonly Node[]; readonly no: readonly Node[] };

export function renderTemplate(template: string, data: TemplateData): string {
  return render(parse(template), data);
}

/** Labels that a template reads. */
export function fieldsOf(template: string): string[] {
  const actions = [...template.matchAll(/\{\{(.*?)\}\}/gs)].map(([, action]) =>
    action!.replace(/"(\\.|[^"\\])*"|`[^`]*`/g, ' '),
  );
  return actions.flatMap((action) => [...action.matchAll(/\.([A-Za-z_]\w*)/g)].map(([, name]) => name!));
}

function parse(template: string): Node[] {
  const pieces = template.split(/\{\{(.*?)\}\}/gs);
  let at = 0;
  const block = (): { nodes: Node[]; end: string } => {
    const nodes: Node[] = [];
    for (;;) {
      if (at >= pieces.length) return { nodes, end: '' };
      const piece = pieces[at]!;
      if (at++ % 2 === 0) {
        if (piece !== '') nodes.push({ kind: 'text', text: piece });
        continue;
      }
      const action = piece.trim();
      if (action === 'end' || action.startsWith('else')) return { nodes, end: action };
      nodes.push(action.startsWith('if ') ? branch(action.slice(3)) : pipeline(action));
    }
  };
  const branch = (condition: string): Node => {
    const { nodes: yes, end } = block();
    const nested = /^else if (.*)$/s.exec(end)?.[1];
    const no = nested !== undefined ? [branch(nested)] : end === 'else' ? block().nodes : [];
    return { kind: 'if', condition: pipeline(condition), yes, no };
  };
  return block().nodes;
}

function pipeline(text: string): Pipeline {
  const tokens = text.match(/"(?:\\.|[^"\\])*"|`[^`]*`|[|()]|[^\s|()"`]+/g) ?? [];
  let at = 0;
  const read = (): Pipeline => {
    const calls: Call[] = [];
    let operands: Operand[] = [];
    let name: string | undefined;
    const finish = (): void => {
      calls.push(name === undefined ? { operands } : { name, operands });
      operands = [];
      name = undefined;
    };
    for (; at < tokens.length && tokens[at] !== ')'; at++) {
      const token = tokens[at]!;
      if (token === '|') finish();
      else if (token === '(') {
        at++;
        operands.push(read());
      } else if (
        /^[A-Za-z_]\w*$/.test(token) &&
        token !== 'true' &&
        token !== 'false' &&
        name === undefined &&
        operands.length === 0
      ) {
        name = token;
      } else operands.push(operand(token));
    }
    finish();
    return { kind: 'pipeline', calls };
  };
  return read();
}

function operand(token: string): Operand {
  if (token.startsWith('"')) return { kind: 'value', value: JSON.parse(token) as string };
  if (token.startsWith('`')) return { kind: 'value', value: token.slice(1, -1) };
  if (/^-?\d+$/.test(token)) return { kind: 'value', value: Number(token) };
  if (/^\.[A-Za-z_]\w*$/.test(token)) return { kind: 'field', name: token.slice(1) };
  if (token === '__line__') return { kind: 'pipeline', calls: [{ name: token, operands: [] }] };
  throw new Unsupported(`template operand ${token}`);
}

function render(nodes: readonly Node[], data: TemplateData): string {
  return nodes
    .map((node) => {
      if (node.kind === 'text') return node.text;
      if (node.kind === 'pipeline') return String(evaluate(node, data));
      return render(isTrue(evaluate(node.condition, data)) ? node.yes : node.no, data);
    })
    .join('');
}

function evaluate({ calls }: Pipeline, data: TemplateData): TemplateValue {
  let last: TemplateValue | undefined;
  for (const { name, operands } of calls) {
    const values = operands.map((each) => operandValue(each, data));
    if (last !== undefined) values.push(last);
    last = name === undefined ? values[0]! : name === '__line__' ? data.line : call(name, values);
  }
  return last!;
}

function operandValue(operand: Operand, data: TemplateData): TemplateValue {
  if (operand.kind === 'value') return operand.value;
  return operand.kind === 'field' ? (data.labels.get(operand.name) ?? '') : evaluate(operand, data);
}

function isTrue(value: TemplateValue): boolean {
  return value !== '' && value !== 0 && value !== false;
}

function call(name: string, values: readonly TemplateValue[]): TemplateValue {
  const fn = FUNCTIONS[name];
  if (fn === undefined) throw new Unsupported(`template function ${name}`);
  return fn(...values);
}

type Fn = (...values: TemplateValue[]) => TemplateValue;
const text =
  (fn: (...texts: string[]) => TemplateValue): Fn =>
  (...values) =>
    fn(...values.map(String));
const bytes = (value: TemplateValue): Buffer => Buffer.from(String(value));

function whole(cut: Buffer): string {
  const text = cut.toString();
  if (text.includes('\ufffd')) throw new Unsupported('half a character');
  return text;
}

/** A65. */
const FUNCTIONS: Readonly<Record<string, Fn>> = {
  ToUpper: text((s) => s!.toUpperCase()),
  ToLower: text((s) => s!.toLowerCase()),
  upper: text((s) => s!.toUpperCase()),
  lower: text((s) => s!.toLowerCase()),
  trim: text((s) => s!.trim()),
  trimPrefix: text((prefix, s) => (s!.startsWith(prefix!) ? s!.slice(prefix!.length) : s!)),
  trimSuffix: text((suffix, s) => (s!.endsWith(suffix!) ? s!.slice(0, s!.length - suffix!.length) : s!)),
  replace: text((old, by, s) => s!.replaceAll(old!, by!)),
  repeat: (n, s) => String(s).repeat(Number(n)),
  contains: text((sub, s) => s!.includes(sub!)),
  hasPrefix: text((prefix, s) => s!.startsWith(prefix!)),
  hasSuffix: text((suffix, s) => s!.endsWith(suffix!)),
  default: (fallback, value) => (isTrue(value!) ? value! : fallback!),
  eq: (first, ...rest) => rest.some((each) => each === first),
  ne: (a, b) => a !== b,
  not: (value) => !isTrue(value!),
  len: (value) => bytes(value!).length,
  b64enc: (value) => bytes(value!).toString('base64'),
  urlencode: text((s) => new URLSearchParams({ s: s! }).toString().slice(2)),
  trunc: (n, value) => {
    const all = bytes(value!);
    const length = Number(n);
    if (Math.abs(length) > all.length) return String(value);
    return whole(length < 0 ? all.subarray(all.length + length) : all.subarray(0, length));
  },
  substr: (start, end, value) => {
    const all = bytes(value!);
    const [from, to] = [Number(start), Number(end)];
    if (from > all.length) throw new TemplateError('template: slice bounds out of range');
    return whole(all.subarray(Math.max(0, from), from >= 0 && (to < 0 || to > all.length) ? all.length : to));
  },
  alignLeft: (n, value) => [...String(value)].slice(0, Number(n)).join('').padEnd(Number(n)),
  alignRight: (n, value) => [...String(value)].slice(-Number(n)).join('').padStart(Number(n)),
};
