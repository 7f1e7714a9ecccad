// Recorded push traffic as so many copies of its services would have sent it.
import http from 'node:http';
import { measure, readTraffic, variant } from './spool.mjs';

/** Between two copies with the same labels. */
const SHIFT_NS = 7_654_321_000;

/** Bodies in the order of their times, and what is in them. */
export function prepareTraffic(sample, copies, labels) {
  const originals = readTraffic(sample);
  const totals = originals
    .map(measure)
    .reduce((sum, one) => ({ lines: sum.lines + one.lines, bytes: sum.bytes + one.bytes }));
  const bodies = [];
  originals.forEach((body, i) => {
    if (i % 50 === 0) process.stderr.write(`\rpreparing ${copies} copies: ${i} of ${originals.length} requests `);
    // All copies of a request together: traffic arrives in the order of its times, or nearly so.
    for (let copy = 0; copy < copies; copy++) {
      const of = { copy: (copy % labels) + 1, shiftNs: Math.floor(copy / labels) * SHIFT_NS, turn: copy };
      bodies.push(variant(body, of));
    }
  });
  process.stderr.write('\r\x1b[K');
  return { bodies, lines: totals.lines * copies, bytes: totals.bytes * copies };
}

/** Sends all of it from several clients, each again until it is taken; resolves to the times of requests in ms. */
export async function push(url, bodies, clients) {
  const times = [];
  const agent = new http.Agent({ keepAlive: true, maxSockets: clients });
  let next = 0;
  const client = async () => {
    while (next < bodies.length) {
      const body = bodies[next++];
      for (;;) {
        const before = performance.now();
        const { status, text } = await post(`${url}/loki/api/v1/push`, body, agent);
        if (status === 204) {
          times.push(performance.now() - before);
          break;
        }
        if (status !== 429 && status !== 503) throw new Error(`push: ${status} ${text.slice(0, 300)}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
  return times.sort((a, b) => a - b);
}

/** Not with `fetch`, which takes three times the CPU: clients share the machine with the server. */
function post(url, body, agent) {
  const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length };
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', headers, agent }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, text: Buffer.concat(parts).toString() }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}
