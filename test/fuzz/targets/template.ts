import { TemplateError } from '../../../src/execution/template/error.js';
import { referencedFields } from '../../../src/planning/template/fields.js';
import { parseTemplate } from '../../../src/planning/template/parse.js';
import { arbitraryTemplate, mutatedTemplate } from '../../arbitrary/template.js';
import { renderTemplate } from '../../support/render-template.js';
import { randomText } from '../mutate.js';
import { accepts, type FuzzTarget } from '../target.js';

const ENTRY = {
  labels: { a: 'xé', b: '', n: '12', json: '{"list":[1,"a",null,{"k":true}],"x":1.5}' },
  line: 'level=info msg="a b" é𝄞',
};

/** Templates are refused with a position, print, or fail with a TemplateError; both evaluators agree. */
export const template: FuzzTarget = {
  name: 'template',
  weight: 0.3,
  attempt(random) {
    const whole = random.chance(0.05) ? randomText(random, 60) : arbitraryTemplate(random);
    // What shows that both evaluators agree is put behind it, and must not become part of an action.
    const text = (random.chance(0.4) ? mutatedTemplate(random, whole) : whole).replace(/\{+$/, '');
    const parses = accepts(
      () => referencedFields(parseTemplate('line', text)),
      (error) => error.constructor === Error && error.message.startsWith('template: line:'),
    );
    return (
      parses &&
      accepts(
        () => renderTemplate(text, ENTRY),
        (error) => error instanceof TemplateError,
      )
    );
  },
};
