import { unreachable } from '../../wire/exhaustive.js';
import { quoteGoString } from '../../wire/go-quote.js';
import type { BranchNode, ChainNode, CommandNode, Node, PipeNode, TemplateNode } from './ast.js';

/** A node as Go prints it in error texts: `<.bad.field>`. */
export function printNode(node: Node): string {
  switch (node.kind) {
    case 'list':
      return node.nodes.map(printNode).join('');
    case 'text':
      return node.text;
    case 'print':
      return `{{${printNode(node.pipe)}}}`;
    case 'if':
    case 'range':
    case 'with':
      return printBranch(node);
    case 'template':
      return printTemplate(node);
    case 'break':
    case 'continue':
      return `{{${node.kind}}}`;
    case 'pipe':
      return printPipe(node);
    case 'command':
      return printCommand(node);
    case 'chain':
      return printChain(node);
    case 'field':
      return node.names.map((name) => `.${name}`).join('');
    case 'variable':
      return [node.name, ...node.fields].join('.');
    case 'identifier':
      return node.name;
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'bool':
      return String(node.value);
    case 'number':
      return node.text;
    case 'string':
      return node.quoted;
    default:
      return unreachable(node);
  }
}

function printBranch(node: BranchNode): string {
  const otherwise = node.elseList === null ? '' : `{{else}}${printNode(node.elseList)}`;
  return `{{${node.kind} ${printNode(node.pipe)}}}${printNode(node.list)}${otherwise}{{end}}`;
}

function printTemplate(node: TemplateNode): string {
  const pipe = node.pipe === null ? '' : ` ${printNode(node.pipe)}`;
  return `{{template ${quoteGoString(node.name)}${pipe}}}`;
}

function printPipe(node: PipeNode): string {
  const names = node.declarations.map(printNode).join(', ');
  const sign = node.isAssign ? '=' : ':=';
  const commands = node.commands.map(printNode).join(' | ');
  return names === '' ? commands : `${names} ${sign} ${commands}`;
}

function printCommand(node: CommandNode): string {
  return node.args.map((arg) => (arg.kind === 'pipe' ? `(${printPipe(arg)})` : printNode(arg))).join(' ');
}

function printChain(node: ChainNode): string {
  const base = node.base.kind === 'pipe' ? `(${printPipe(node.base)})` : printNode(node.base);
  return [base, ...node.fields].join('.');
}
