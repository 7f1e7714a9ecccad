/** How clients fetch more than one answer holds: the loops around their requests. */
import { expect } from 'vitest';
import type { z } from 'zod';
import { DAY } from './data.js';
import { type RangeQuery, rangeRequest } from './grafana.js';
import { type LogcliRange, logcliRange } from './logcli.js';
import { type RecordedRequest, send } from './request.js';
import * as shapes from './shapes.js';

/** What a client decodes of an answer; fails unless that is a success of the right shape. */
export async function decode<T extends z.ZodType>(server: string, request: RecordedRequest, shape: T) {
  const { status, text } = await send(server, request);
  expect({ status, text: status === 200 ? '' : text }, request.name).toEqual({ status: 200, text: '' });
  return shape.parse(JSON.parse(text)) as z.infer<T>;
}

export interface Row {
  readonly time: bigint;
  readonly line: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface CategorizedRow extends Row {
  readonly structuredMetadata: Readonly<Record<string, string>>;
  readonly parsed: Readonly<Record<string, string>>;
}

/** Rows in the order of the answer, stream by stream. */
export async function grafanaRows(server: string, request: RecordedRequest): Promise<CategorizedRow[]> {
  const { data } = await decode(server, request, shapes.categorizedStreams);
  return data.result.flatMap(({ stream, values }) =>
    values.map(([time, line, { structuredMetadata = {}, parsed = {} }]) => ({
      ...{ time: BigInt(time), line, labels: stream },
      ...{ structuredMetadata, parsed },
    })),
  );
}

/** Days of the range, the newest first, until there are enough lines. */
export async function daySplits(server: string, asked: RangeQuery & { readonly limit: number }): Promise<Row[][]> {
  const pages: Row[][] = [];
  let missing = asked.limit;
  for (let end = asked.end; end > asked.start && missing > 0; end -= DAY) {
    const start = end - DAY > asked.start ? end - DAY : asked.start;
    const page = await grafanaRows(server, rangeRequest('a day', { ...asked, start, end, limit: missing }));
    missing -= page.length;
    pages.push(page);
  }
  return pages;
}

/** Pages of `limit` rows: each ends with the oldest time of the one before, until one has nothing older. */
export async function infiniteScroll(server: string, asked: RangeQuery): Promise<Row[]> {
  const rows: Row[] = [];
  for (let end = asked.end; ; ) {
    const request = rangeRequest('scroll', { ...asked, end }, { 'x-query-tags': 'Source=infinitescroll' });
    const page = await grafanaRows(server, request);
    rows.push(...page);
    if (page.length === 0) return rows;
    end = page.reduce((oldest, { time }) => (time < oldest ? time : oldest), end);
  }
}

export interface Batches {
  readonly rows: readonly Row[];
  /** How many requests it took. */
  readonly requests: number;
}

/** logcli's batches: the next one begins at the time of the last row, whose rows are skipped by time and text. */
export async function logcliBatches(server: string, asked: LogcliRange & { readonly batch: number }): Promise<Batches> {
  const { limit, batch, forward = false } = asked;
  const rows: Row[] = [];
  let { start, end } = asked;
  let last: readonly Row[] = [];
  for (let requests = 1; ; requests++) {
    const missing = limit - rows.length;
    const size = limit > 0 && missing < batch ? missing + last.length : batch;
    const page = await logcliPage(server, { ...asked, start, end, limit: size });
    const added = page.filter(({ time, line }) => !last.some((seen) => seen.time === time && seen.line === line));
    rows.push(...added);
    if (added.length === 0 || (limit > 0 && rows.length >= limit)) return { rows, requests };
    const { time } = page.at(-1)!;
    last = page.filter((row) => row.time === time);
    if (last.length >= batch) throw new Error(`a batch of ${batch} has ${last.length} entries of one time`);
    if (forward) start = time;
    else end = time + 1n;
  }
}

async function logcliPage(server: string, asked: LogcliRange): Promise<Row[]> {
  const { data } = await decode(server, logcliRange('batch', asked), shapes.streams);
  const rows = data.result.flatMap(({ stream, values }) =>
    values.map(([time, line]) => ({ time: BigInt(time), line, labels: stream })),
  );
  const sign = asked.forward ? 1 : -1;
  return rows.sort((a, b) => (a.time < b.time ? -sign : a.time > b.time ? sign : 0));
}
