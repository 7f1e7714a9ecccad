import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LiveSnapshot } from '../../wire/messages/live.js';
import { askMemory, type MemoryAnswer, missingReplicas } from './live-memory.js';

const snapshot = (ingester: string, holdsOf: readonly string[] = []): LiveSnapshot => ({
  ...{ ingester, memtables: [], holdsOf },
});
const SILENT: MemoryAnswer = { silent: 'nobody answers' };

/** Asks a, b, c and notes what each is asked; `answers` in turn, the last one again and again. */
async function asking(answers: Record<string, readonly MemoryAnswer[]>, dead: readonly string[] = []) {
  const calls: string[] = [];
  const turns = new Map<string, number>();
  const memory = await askMemory(['a', 'b', 'c'], dead, async (to, heldOf) => {
    calls.push(heldOf.length > 0 ? `${to} of ${heldOf}` : to);
    const turn = turns.get(to) ?? 0;
    turns.set(to, turn + 1);
    return answers[to]![Math.min(turn, answers[to]!.length - 1)]!;
  });
  return { calls, memory };
}

describe('memory of many ingesters', () => {
  it('is asked for once where all answer', async () => {
    const all = {
      a: [{ snapshot: snapshot('a', ['b', 'c']) }],
      b: [{ snapshot: snapshot('b', ['a']) }],
      c: [{ snapshot: snapshot('c', ['a', 'b']) }],
    };
    const { calls, memory } = await asking(all);
    expect(calls).toEqual(['a', 'b', 'c']);
    expect(memory.live.map(({ address }) => address)).toEqual(['a', 'b', 'c']);
    expect(memory.silent).toEqual([]);
  });

  it('of an owner whose log was damaged comes from it and from those who hold its parts', async () => {
    const doubtful: MemoryAnswer = { snapshot: { ...snapshot('a'), doubtful: true } };
    const { calls, memory } = await asking({
      a: [doubtful],
      b: [{ snapshot: snapshot('b', ['a']) }],
      c: [{ snapshot: snapshot('c', ['b']) }],
    });
    expect(calls).toEqual(['a', 'b', 'c', 'b of a']);
    expect(memory.live.map(({ address }) => address)).toEqual(['a', 'b', 'c']);
  });

  it('of a silent owner comes from those who hold it, in place of what they said before', async () => {
    const [first, second] = [snapshot('b', ['a']), { ...snapshot('b', ['a']), throughSeq: 7 }];
    const { calls, memory } = await asking({
      a: [SILENT],
      b: [{ snapshot: first }, { snapshot: second }],
      c: [{ snapshot: snapshot('c') }],
    });
    expect(calls).toEqual(['a', 'b', 'c', 'b of a']);
    expect(memory.live.map((entry) => entry.snapshot)).toEqual([second, snapshot('c')]);
    expect(memory.silent).toEqual([{ address: 'a', why: 'nobody answers' }]);
  });

  it('of an owner nobody knows any more comes from those who hold it', async () => {
    const { calls } = await asking({
      a: [{ snapshot: snapshot('a', ['gone']) }],
      b: [{ snapshot: snapshot('b', ['gone', 'a']) }],
      c: [{ snapshot: snapshot('c') }],
    });
    expect(calls).toEqual(['a', 'b', 'c', 'a of gone', 'b of gone']);
  });

  it('is not asked for where membership knows better', async () => {
    const others = { b: [{ snapshot: snapshot('b', ['a']) }], c: [{ snapshot: snapshot('c') }] };
    const { calls, memory } = await asking(others, ['a']);
    expect(calls).toEqual(['b', 'c', 'b of a']);
    expect(memory.silent).toEqual([{ address: 'a', why: 'is dead' }]);
  });

  it('of one that falls silent when asked anew comes from others too', async () => {
    const { calls, memory } = await asking({
      a: [SILENT],
      b: [{ snapshot: snapshot('b', ['a']) }, SILENT],
      c: [{ snapshot: snapshot('c', ['a', 'b']) }],
    });
    expect(calls).toEqual(['a', 'b', 'c', 'b of a', 'c of a', 'c of a,b']);
    expect(memory.live.map(({ address }) => address)).toEqual(['c']);
    expect(memory.silent.map(({ address }) => address)).toEqual(['a', 'b']);
  });

  it('is gathered in a bounded number of questions, whatever is answered, and no lost owner is left unasked', async () => {
    const names = ['a', 'b', 'c', 'd', 'gone'];
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat()), async (draws) => {
        const next = (below: number): number => (draws.next().value as number) % below;
        let calls = 0;
        const asked = new Map<string, readonly string[]>();
        const { live } = await askMemory(names.slice(0, 4), [], async (to, heldOf) => {
          calls++;
          asked.set(to, heldOf);
          return next(3) === 0
            ? SILENT
            : {
                snapshot: snapshot(
                  to,
                  names.filter(() => next(2) === 0),
                ),
              };
        });
        expect(calls).toBeLessThanOrEqual(4 * (names.length + 1));
        const answered = live.map(({ address }) => address);
        for (const { address, snapshot: own } of live) {
          const lost = own.holdsOf!.filter((owner) => !answered.includes(owner));
          for (const owner of lost) expect(asked.get(address)).toContain(owner);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('entries may be missing', () => {
  const memory = (answering: number, silent: number) => ({
    live: Array.from({ length: answering }, (_, i) => ({ address: `l${i}`, snapshot: snapshot(`l${i}`) })),
    silent: Array.from({ length: silent }, (_, i) => ({ address: `s${i}`, why: 'is dead' })),
  });

  it.each([
    [1, 5, 0, false],
    [1, 5, 1, true],
    [2, 5, 1, false],
    [2, 5, 2, true],
    [3, 2, 1, false],
    [3, 1, 1, false],
    [3, 0, 1, true],
    [1, 0, 0, false],
    [3, 0, 0, true],
    [3, 98, 2, true],
    [5, 3, 2, false],
    [5, 2, 3, true],
  ])('with %i copies, %i ingesters that answer and %i that do not: %s', (copies, answering, silent, missing) => {
    expect(missingReplicas(memory(answering, silent), [], copies) !== undefined).toBe(missing);
  });

  it('when one does not answer and another has lost what it had, but not when only one of both is so', () => {
    const { live, silent } = memory(3, 1);
    const damaged = live.map((one, i) =>
      i > 0 ? one : { ...one, snapshot: { ...one.snapshot, damaged: true as const } },
    );
    expect(missingReplicas({ live: damaged, silent }, [], 3)).toBe(
      '1 of 4 ingesters do not answer (s0: is dead), and l0 had a damaged log and waits for what others hold of it',
    );
    expect(missingReplicas({ live: damaged, silent: [] }, [], 3)).toBeUndefined();
    expect(missingReplicas({ live, silent }, [], 3)).toBeUndefined();
  });

  it('when one does not answer and another left, whose log may hold parts of the first', () => {
    expect(missingReplicas(memory(2, 1), ['l9'], 3)).toBe(
      '1 of 3 ingesters do not answer (s0: is dead), and l9 left or came meanwhile and may hold what is theirs',
    );
    expect(missingReplicas(memory(2, 0), ['l8', 'l9'], 3)).toBeUndefined();
  });

  it('and who is silent, and why, is said', () => {
    expect(missingReplicas(memory(1, 2), [], 3)).toBe('2 of 3 ingesters do not answer (s0: is dead; s1: is dead)');
  });
});
