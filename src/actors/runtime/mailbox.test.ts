import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Mailbox } from './mailbox.js';

test('a mailbox behaves as a bounded array, through growth and wrapping around', () => {
  const bursts = fc.array(fc.record({ pushes: fc.nat(40), shifts: fc.nat(20) }), { maxLength: 20 });
  fc.assert(
    fc.property(bursts, fc.integer({ min: 1, max: 200 }), (list, max) => {
      const mailbox = new Mailbox<number>(max);
      const model: number[] = [];
      let next = 0;
      for (const { pushes, shifts } of list) {
        for (let i = 0; i < pushes; i++) {
          const fits = model.length < max;
          if (fits) model.push(next);
          expect(mailbox.push(next++)).toBe(fits);
        }
        for (let i = 0; i < shifts; i++) expect(mailbox.shift()).toBe(model.shift());
        expect(mailbox.length).toBe(model.length);
      }
      for (let left = model.shift(); left !== undefined; left = model.shift()) expect(mailbox.shift()).toBe(left);
      expect(mailbox.shift()).toBeUndefined();
    }),
  );
});
