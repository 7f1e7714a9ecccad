import type { RowFunction } from '../../planning/physical/expression.js';
import type { Template } from '../../planning/template/ast.js';
import { parseTemplate } from '../../planning/template/parse.js';
import { Dictionary } from '../batch/dictionary.js';
import { DETAILS_LABEL, ERROR_LABEL, type LogBatch } from '../batch/log-batch.js';
import { type CompiledTemplate, compileTemplate } from '../template/compile.js';
import { TemplateError } from '../template/error.js';
import { LabelMap } from './label-map.js';
import { LineWriter } from './line-writer.js';
import { type FunctionContext, isCheckpoint, type RowStep } from './row-step.js';

type LabelFormat = Extract<RowFunction, { kind: 'label-format' }>['formats'][number];

/** `line_format` (A61–A63): on an execution error the line stays and the row is marked. */
export function compileLineFormat(text: string, { now, checkpoint }: FunctionContext): RowStep {
  const parsed = parseTemplate('line', text);
  const template = soleField(parsed) ?? compileTemplate(parsed, { now: () => now });
  return (batch) => {
    const map = new LabelMap(batch);
    const { offsets, bytes } = batch.message;
    const lines = new LineWriter(batch.rows, bytes.length);
    for (let i = 0; i < batch.count; i++) {
      if (isCheckpoint(i)) checkpoint();
      const row = batch.row(i);
      try {
        lines.text(row, template.run(map.at(row)));
      } catch (error) {
        lines.copy(row, bytes, offsets[row]!, offsets[row + 1]!);
        markTemplateError(batch, row, error);
      }
    }
    batch.message = lines.finish();
  };
}

/**
 * Loki takes a template of one field alone for the label of that name: errors are no labels then, and a variable that
 * is declared from it prints.
 */
function soleField({ root }: Template): CompiledTemplate | undefined {
  const [node, more] = root.nodes;
  if (node?.kind !== 'print' || more || node.pipe.commands.length !== 1) return undefined;
  const { args } = node.pipe.commands[0]!;
  const field = args.length === 1 ? args[0]! : undefined;
  if (field?.kind !== 'field' || field.names.length !== 1) return undefined;
  const name = field.names[0]!;
  const isError = name === ERROR_LABEL || name === DETAILS_LABEL;
  return { run: (context) => (isError ? '' : context.get(name)) };
}

function markTemplateError(batch: LogBatch, row: number, error: unknown): void {
  if (!(error instanceof TemplateError)) throw error;
  batch.setError(row, 'TemplateFormatErr', error.message, true);
}

/** `label_format` (A64): formats run in order; templates see the labels as they were before the first template ran. */
export function compileLabelFormat(formats: readonly LabelFormat[], { now, checkpoint }: FunctionContext): RowStep {
  const steps = formats.map((format) =>
    format.kind === 'rename'
      ? rename(format.name, format.source)
      : assign(format.name, compileTemplate(parseTemplate('label', format.template), { now: () => now }), checkpoint),
  );
  return (batch) => {
    let map: LabelMap | undefined;
    const snapshot = (): LabelMap => {
      map ??= new LabelMap(batch).load();
      return map;
    };
    for (const step of steps) step(batch, snapshot);
  };
}

type FormatStep = (batch: LogBatch, snapshot: () => LabelMap) => void;

function assign(name: string, template: CompiledTemplate, checkpoint: () => void): FormatStep {
  return (batch, snapshot) => {
    const map = snapshot();
    const before = batch.get('parsed', name);
    const { ids, dictionary } = startParsed(batch, before);
    for (let i = 0; i < batch.count; i++) {
      if (isCheckpoint(i)) checkpoint();
      const row = batch.row(i);
      try {
        ids[row] = dictionary.internText(template.run(map.at(row)));
      } catch (error) {
        markTemplateError(batch, row, error);
      }
    }
    batch.set('parsed', name, { ids, values: dictionary.values });
  };
}

/** An error is no label that could be renamed; a label renamed to itself is gone, as in Loki. */
function rename(name: string, source: string): FormatStep {
  if (source === ERROR_LABEL || source === DETAILS_LABEL) return () => {};
  if (source === name) return (batch) => batch.remove(name);
  return (batch) => {
    const from = batch.byName(source);
    if (!from) return;
    const { ids, dictionary } = startParsed(batch, batch.get('parsed', name));
    const moved = new Int32Array(batch.count);
    let count = 0;
    for (let i = 0; i < batch.count; i++) {
      const row = batch.row(i);
      const id = from.ids[row]!;
      if (id < 0) continue;
      ids[row] = dictionary.internText(from.values[id]!);
      moved[count++] = row;
    }
    batch.remove(source, moved, count);
    batch.set('parsed', name, { ids, values: dictionary.values });
  };
}

function startParsed(batch: LogBatch, before: { ids: Int32Array; values: readonly string[] } | undefined) {
  const dictionary = new Dictionary();
  if (!before) return { ids: new Int32Array(batch.rows).fill(-1), dictionary };
  const remap = before.values.map((value) => dictionary.internText(value));
  return { ids: before.ids.map((id) => (id < 0 ? -1 : remap[id]!)), dictionary };
}
