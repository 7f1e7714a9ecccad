import { describe, expect, it } from 'vitest';
import { NOW, push } from '../../../test/support/decode-push.js';

describe('while pushes of a tenant are blocked', () => {
  it('everything is discarded, and the client is told until when, with the status the operator wants', () => {
    const decoded = push(['one', 'three'], { block_ingestion_until: NOW + 1n });
    expect(decoded).toMatchObject({
      ...{ batch: null, tokens: [], lines: 2, receivedBytes: 8, acceptedLines: 0, acceptedBytes: 0 },
      discarded: [{ reason: 'blocked_ingestion', lines: 2, bytes: 8 }],
      rejected: { code: 'bad-request', status: 260, retryable: false },
    });
    expect(decoded.rejected!.message).toBe(
      "ingestion blocked for user 'acme' until '2026-11-01T00:00:00.000000001Z' with status code '260'",
    );
  });

  it('a status of 200 drops them without a word', () => {
    const decoded = push(['one'], { block_ingestion_until: NOW + 1n, block_ingestion_status_code: 200 });
    expect(decoded).toMatchObject({ batch: null, rejected: null, discarded: [{ reason: 'blocked_ingestion' }] });
  });

  it('what is wrong with a push is still said', () => {
    const decoded = push(['x'.repeat(9)], { block_ingestion_until: NOW + 1n, max_line_size: 5 });
    expect(decoded.rejected!.message).toContain('max entry size');
  });
});

it('pushes are welcome again when the time has come', () => {
  const decoded = push(['one'], { block_ingestion_until: NOW });
  expect(decoded).toMatchObject({ acceptedLines: 1, rejected: null, discarded: [] });
});
