/**
 * A parsed Go text/template as plain data. `at` is a node's position in the text, in UTF-16 units; error texts turn it
 * into a line and a byte column.
 */
export interface Template {
  /** What errors call it: `line` for line_format, `label` for label_format. */
  readonly name: string;
  readonly text: string;
  readonly root: ListNode;
  /** Bodies of `define` and `block`, and the template itself, which may call itself by its name. */
  readonly definitions: readonly Definition[];
}

export interface Definition {
  readonly name: string;
  readonly root: ListNode;
}

export interface ListNode {
  readonly kind: 'list';
  readonly at: number;
  readonly nodes: readonly ActionNode[];
}

export type ActionNode = TextNode | PrintNode | BranchNode | TemplateNode | JumpNode;

export interface TextNode {
  readonly kind: 'text';
  readonly at: number;
  readonly text: string;
}

/** `{{pipeline}}`: prints the value, unless the pipeline declares or assigns variables. */
export interface PrintNode {
  readonly kind: 'print';
  readonly at: number;
  readonly pipe: PipeNode;
}

export interface BranchNode {
  readonly kind: 'if' | 'range' | 'with';
  readonly at: number;
  readonly pipe: PipeNode;
  readonly list: ListNode;
  readonly elseList: ListNode | null;
}

/** `{{template "name" pipeline}}`; also what `block` leaves in its place. */
export interface TemplateNode {
  readonly kind: 'template';
  readonly at: number;
  readonly name: string;
  readonly pipe: PipeNode | null;
}

export interface JumpNode {
  readonly kind: 'break' | 'continue';
  readonly at: number;
}

export interface PipeNode {
  readonly kind: 'pipe';
  readonly at: number;
  /** `=` rather than `:=`. */
  readonly isAssign: boolean;
  readonly declarations: readonly VariableNode[];
  readonly commands: readonly CommandNode[];
}

/** Never empty: an operand followed by arguments. */
export interface CommandNode {
  readonly kind: 'command';
  readonly at: number;
  readonly args: readonly OperandNode[];
}

export type OperandNode =
  | PipeNode
  | ChainNode
  | FieldNode
  | VariableNode
  | IdentifierNode
  | DotNode
  | NilNode
  | BoolNode
  | NumberNode
  | StringNode;

/** `.a.b`; names without dots. */
export interface FieldNode {
  readonly kind: 'field';
  readonly at: number;
  readonly names: readonly string[];
}

/** `$x.a.b`; `name` keeps its dollar sign. */
export interface VariableNode {
  readonly kind: 'variable';
  readonly at: number;
  readonly name: string;
  readonly fields: readonly string[];
}

/** `(pipeline).a.b` or `function.a.b`. */
export interface ChainNode {
  readonly kind: 'chain';
  readonly at: number;
  readonly base: OperandNode;
  readonly fields: readonly string[];
}

/** A function's name. */
export interface IdentifierNode {
  readonly kind: 'identifier';
  readonly at: number;
  readonly name: string;
}

export interface DotNode {
  readonly kind: 'dot';
  readonly at: number;
}

export interface NilNode {
  readonly kind: 'nil';
  readonly at: number;
}

export interface BoolNode {
  readonly kind: 'bool';
  readonly at: number;
  readonly value: boolean;
}

/** A constant as every type that can hold it, like Go's untyped constants. */
export interface NumberNode {
  readonly kind: 'number';
  readonly at: number;
  readonly text: string;
  /** Within int64. */
  readonly int: bigint | null;
  /** Within uint64. */
  readonly uint: bigint | null;
  readonly float: number | null;
  readonly complex: ComplexValue | null;
}

export interface ComplexValue {
  readonly real: number;
  readonly imaginary: number;
}

export interface StringNode {
  readonly kind: 'string';
  readonly at: number;
  /** As written, with quotes. */
  readonly quoted: string;
  readonly text: string;
}

export type Node = ListNode | ActionNode | CommandNode | OperandNode;
