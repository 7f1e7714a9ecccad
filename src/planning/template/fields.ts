import { unreachable } from '../../wire/exhaustive.js';
import type {
  ActionNode,
  BranchNode,
  CommandNode,
  ListNode,
  OperandNode,
  PipeNode,
  Template,
  TemplateNode,
} from './ast.js';

/** What a template can read of an entry: what a scan must keep for it. */
export interface TemplateReferences {
  /** Label names, sorted; `all` when the template uses the whole label map, e.g. `{{.}}` or `range $k, $v := .`. */
  readonly labels: readonly string[] | 'all';
  /** Calls `__line__`. */
  readonly line: boolean;
  /** Calls `__timestamp__`. */
  readonly timestamp: boolean;
}

export function referencedFields(template: Template): TemplateReferences {
  const finder = new Finder(template);
  finder.list(template.root, { dot: true, dollar: true });
  return finder.found();
}

/** Whether `.` and `$` are the label map. */
interface Scope {
  readonly dot: boolean;
  readonly dollar: boolean;
}

class Finder {
  private readonly template: Template;
  private readonly labels = new Set<string>();
  private all = false;
  private line = false;
  private timestamp = false;
  private readonly visited = new Set<string>();

  constructor(template: Template) {
    this.template = template;
  }

  found(): TemplateReferences {
    const labels = this.all ? 'all' : [...this.labels].sort();
    return { labels, line: this.line, timestamp: this.timestamp };
  }

  list(list: ListNode, scope: Scope): void {
    for (const node of list.nodes) this.action(node, scope);
  }

  private action(node: ActionNode, scope: Scope): void {
    switch (node.kind) {
      case 'text':
      case 'break':
      case 'continue':
        return;
      case 'print':
        this.pipe(node.pipe, scope);
        return;
      case 'if':
      case 'with':
      case 'range':
        this.branch(node, scope);
        return;
      case 'template':
        this.call(node, scope);
        return;
      default:
        unreachable(node);
    }
  }

  private call(node: TemplateNode, scope: Scope): void {
    const isWhole = node.pipe !== null && isLabelMap(node.pipe, scope);
    if (node.pipe !== null && !isWhole) this.pipe(node.pipe, scope);
    this.definition(node.name, isWhole);
  }

  private branch(node: BranchNode, scope: Scope): void {
    this.pipe(node.pipe, scope);
    this.list(node.list, node.kind === 'if' ? scope : { ...scope, dot: false });
    if (node.elseList !== null) this.list(node.elseList, scope);
  }

  private definition(name: string, isWhole: boolean): void {
    const key = `${isWhole} ${name}`;
    const definition = this.template.definitions.find((candidate) => candidate.name === name);
    if (definition === undefined || this.visited.has(key)) return;
    this.visited.add(key);
    this.list(definition.root, { dot: isWhole, dollar: isWhole });
  }

  private pipe(pipe: PipeNode, scope: Scope): void {
    for (const command of pipe.commands) {
      const label = indexedLabel(command, scope);
      if (label !== null) this.labels.add(label);
      else for (const arg of command.args) this.operand(arg, scope);
    }
  }

  private operand(node: OperandNode, scope: Scope): void {
    switch (node.kind) {
      case 'pipe':
        this.pipe(node, scope);
        return;
      case 'chain':
        this.operand(node.base, scope);
        return;
      case 'field':
        if (scope.dot) this.labels.add(node.names[0]!);
        return;
      case 'variable':
        if (node.name !== '$' || !scope.dollar) return;
        if (node.fields.length === 0) this.all = true;
        else this.labels.add(node.fields[0]!);
        return;
      case 'dot':
        this.all ||= scope.dot;
        return;
      case 'identifier':
        this.line ||= node.name === '__line__';
        this.timestamp ||= node.name === '__timestamp__';
        return;
      case 'nil':
      case 'bool':
      case 'number':
      case 'string':
        return;
      default:
        unreachable(node);
    }
  }
}

function isMap(node: OperandNode | undefined, scope: Scope): boolean {
  if (node?.kind === 'dot') return scope.dot;
  return node?.kind === 'variable' && node.name === '$' && node.fields.length === 0 && scope.dollar;
}

/** The pipeline is just `.` or `$`. */
function isLabelMap(pipe: PipeNode, scope: Scope): boolean {
  const [command, ...rest] = pipe.commands;
  const isAlone = rest.length === 0 && pipe.declarations.length === 0 && command?.args.length === 1;
  return isAlone && isMap(command.args[0], scope);
}

/** `index . "name"` reads one label. */
function indexedLabel(command: CommandNode, scope: Scope): string | null {
  const [name, map, key] = command.args;
  const isIndex = name?.kind === 'identifier' && name.name === 'index' && command.args.length === 3;
  return isIndex && isMap(map, scope) && key?.kind === 'string' ? key.text : null;
}
