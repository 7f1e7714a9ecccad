/**
 * A tree drawn with box characters: children below their parent, notes about a node one level deeper than its
 * children.
 */
export interface TreeText {
  readonly text: string;
  readonly notes: readonly string[];
  readonly children: readonly TreeText[];
}

/** Lines without line ends. */
export function drawTree(tree: TreeText): readonly string[] {
  const lines = [tree.text];
  drawBelow(tree, '', lines);
  return lines;
}

function drawBelow({ notes, children }: TreeText, indent: string, lines: string[]): void {
  const beside = indent + (children.length > 0 ? '│   ' : '    ');
  for (const [i, note] of notes.entries()) lines.push(`${beside}${i === notes.length - 1 ? '└── ' : '├── '}${note}`);
  for (const [i, child] of children.entries()) {
    const isLast = i === children.length - 1;
    lines.push(`${indent}${isLast ? '└── ' : '├── '}${child.text}`);
    drawBelow(child, indent + (isLast ? '    ' : '│   '), lines);
  }
}
