import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Mailbox } from './mailbox.js';

test('a mailbox behaves as a bounded array, through growth and wrapping around', () => {
  const commands = fc.array(fc.oneof(fc.constant('push' as const), fc.constant('shift' as const)), { maxLength: 300 });
  fc.assert(
    fc.property(commands, fc.integer({ min: 1, max: 70 }), fc.nat(40), (list, max, filled) => {
      const mailbox = new Mailbox<number>(max);
      const model: number[] = [];
      const push = (item: number): void => {
        const fits = model.length < max;
        if (fits) model.push(item);
        expect(mailbox.push(item)).toBe(fits);
      };
      for (let i = 0; i < filled; i++) push(i);
      list.forEach((command, i) => {
        if (command === 'push') push(1000 + i);
        else expect(mailbox.shift()).toBe(model.shift());
        expect(mailbox.length).toBe(model.length);
      });
      for (let left = model.shift(); left !== undefined; left = model.shift()) expect(mailbox.shift()).toBe(left);
      expect(mailbox.shift()).toBeUndefined();
    }),
  );
});
