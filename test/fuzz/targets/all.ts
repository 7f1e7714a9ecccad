import type { FuzzTarget } from '../target.js';
import { logql } from './logql.js';
import { parameters, words } from './parameters.js';
import { patterns } from './patterns.js';
import { json, legacyJson, lz4, otlp, otlpText, protobuf, snappy } from './push.js';
import { regex } from './regex.js';
import { stages } from './stages.js';
import { dataobj, fields, parquet, toc, wal } from './storage.js';
import { template } from './template.js';
import { entries, frame, message } from './wire.js';

export const TARGETS: readonly FuzzTarget[] = [
  ...[logql, regex, template, stages, patterns, parameters, words],
  ...[protobuf, snappy, json, legacyJson, otlp, otlpText, lz4],
  ...[dataobj, parquet, fields, toc, wal, entries, frame, message],
];
