import { describe, expect, it } from 'vitest';
import { goldens } from '../../../../test/support/golden.js';
import { logicalPlanOf } from '../../../../test/support/plan-case.js';
import { printLogicalPlan } from '../print.js';
import { verifyLogicalPlan } from '../verify.js';
import { simplifyRegexes } from './simplify-regex.js';

describe('simplifyRegexes', () => {
  it('turns alternations of literals into substring tests', () => {
    const plan = logicalPlanOf('{job="loki"} !~ "debug|DEBUG|info|INFO" |~ "error|ERROR|fatal|FATAL"');
    expect(printLogicalPlan(simplifyRegexes(plan))).toContain(`\
%1 = EQ label.job "loki"
%2 = MATCH_STR builtin.message "debug"
%3 = MATCH_STR builtin.message "DEBUG"
%4 = OR %2 %3
%5 = MATCH_STR builtin.message "info"
%6 = OR %4 %5
%7 = MATCH_STR builtin.message "INFO"
%8 = OR %6 %7
%9 = NOT(%8)
%10 = MATCH_STR builtin.message "error"
%11 = MATCH_STR builtin.message "ERROR"
%12 = OR %10 %11
%13 = MATCH_STR builtin.message "fatal"
%14 = OR %12 %13
%15 = MATCH_STR builtin.message "FATAL"
%16 = OR %14 %15
%17 = AND %9 %16
%18 = MAKETABLE [selector=%1, predicates=[%17], shard=0_of_1]
`);
  });

  it('returns the very plan when there is nothing to simplify', () => {
    const plan = logicalPlanOf('{a=~"b|c"} |~ "x[0-9]+" | level=~"e.*"');
    expect(simplifyRegexes(plan)).toBe(plan);
  });

  it('leaves nothing to do for a second run', () => {
    const once = simplifyRegexes(logicalPlanOf('{a="b"} |~ "x|y" !~ "(?i)z" | l=~"p|q"'));
    expect(simplifyRegexes(once)).toBe(once);
  });

  it('keeps a comparison that may fail before a condition that every row meets', () => {
    const plan = logicalPlanOf('{a="b"} | l > 1s or l=~".*"');
    expect(printLogicalPlan(simplifyRegexes(plan))).toContain('GT ambiguous.l 1s');
  });

  it('leaves long alternations to the automaton', () => {
    const words = Array.from({ length: 40 }, (_, i) => `word${i}x`).join('|');
    const plan = logicalPlanOf(`{a="b"} |~ "${words}"`);
    expect(simplifyRegexes(plan)).toBe(plan);
  });

  for (const golden of goldens(new URL('./testdata/', import.meta.url))) {
    it(golden.claim, () => {
      const after = simplifyRegexes(logicalPlanOf(golden.fields.query!, golden.fields));
      verifyLogicalPlan(after);
      golden.check([['after', printLogicalPlan(after)]]);
    });
  }
});
