import { describe, expect, it } from 'vitest';
import { Screen } from './screen.js';

function screenOn(isTerminal: boolean): { screen: Screen; written: () => string } {
  let text = '';
  return { screen: new Screen((more) => (text += more), isTerminal), written: () => text };
}

describe('a screen', () => {
  it('of a terminal writes the status over, and keeps it below other lines', () => {
    const { screen, written } = screenOn(true);
    screen.status('one', 0);
    screen.status('two', 1);
    screen.line('something happened');
    screen.end();
    const clear = '\r\x1b[2K';
    expect(written()).toBe(`${clear}one${clear}two${clear}something happened\ntwo${clear}`);
  });

  it('that is a pipe has whole lines only, and the status every ten seconds', () => {
    const { screen, written } = screenOn(false);
    for (let ms = 0; ms <= 20_000; ms += 1_000) screen.status(`at ${ms}`, ms);
    screen.line('something happened');
    screen.end();
    expect(written()).toBe('at 0\nat 10000\nat 20000\nsomething happened\n');
  });
});
