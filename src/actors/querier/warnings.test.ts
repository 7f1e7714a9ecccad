import { expect, it } from 'vitest';
import { damagedWarnings, withWarnings } from './warnings.js';

const object = (path: string) => ({ path, reason: 'bad checksum' });

it('every damaged object is told once', () => {
  expect(damagedWarnings([object('a'), object('b'), object('a')])).toEqual([
    'object a could not be read and is missing from this answer: bad checksum',
    'object b could not be read and is missing from this answer: bad checksum',
  ]);
});

it('an answer without damage stays as it is', () => {
  const reply = { kind: 'names', names: [] } as const;
  expect(withWarnings(reply, [])).toBe(reply);
});

it('what an answer warned of already stays', () => {
  const answer = { result: { type: 'vector', samples: [] }, stats: {} as never, warnings: ['one'] } as const;
  expect(withWarnings({ kind: 'answer', answer }, ['two'])).toMatchObject({ answer: { warnings: ['one', 'two'] } });
  expect(withWarnings({ kind: 'series', series: [] }, ['two'])).toMatchObject({ warnings: ['two'] });
  expect(withWarnings({ kind: 'ok' }, ['two'])).toEqual({ kind: 'ok' });
});
