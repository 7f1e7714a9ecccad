import { expect, it } from 'vitest';
import { arbitraryTemplate, mutatedTemplate } from '../../../test/arbitrary/template.js';
import { SeededRandom } from '../../../test/support/random.js';
import { renderTemplate } from '../../../test/support/render-template.js';
import { referencedFields } from '../../planning/template/fields.js';
import { parseTemplate } from '../../planning/template/parse.js';

const ENTRY = {
  labels: { a: 'xé', b: '', n: '12', json: '{"list":[1,"a",null,{"k":true}],"x":1.5}' },
  line: 'level=info msg="a b" é𝄞',
};

/** What a mistake of ours would look like in an error text. */
const OURS = /undefined|is not a function|not iterable|Cannot|Invalid|RangeError|Maximum call stack|BigInt|NaN to/;

function parses(text: string): boolean {
  try {
    referencedFields(parseTemplate('line', text));
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toMatch(/^template: line:\d+: /);
    expect((error as Error).message.replaceAll('undefined variable', '')).not.toMatch(OURS);
    return false;
  }
}

it('random and mutated templates are refused, print, or fail with a TemplateError; both evaluators agree', () => {
  let accepted = 0;
  let printed = 0;
  const total = 4000;
  for (let seed = 0; seed < total; seed++) {
    const random = new SeededRandom(seed);
    const template = arbitraryTemplate(random);
    const text = random.chance(0.3) ? mutatedTemplate(random, template) : template;
    if (!parses(text)) continue;
    accepted++;
    const output = renderTemplate(text, ENTRY); // throws whatever is no TemplateError
    const message = output.startsWith('error: ') ? output.replace(/at <.*>: /s, '') : '';
    expect(message.replaceAll(/undefined variable|Cannot create a Decimal|Invalid/g, ''), text).not.toMatch(OURS);
    expect(output).not.toMatch(/\p{Surrogate}/u);
    printed += message === '' ? 1 : 0;
  }
  expect(accepted).toBeGreaterThan(total / 2);
  expect(printed).toBeGreaterThan(total / 20);
});
