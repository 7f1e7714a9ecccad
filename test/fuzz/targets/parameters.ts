import {
  directionOf,
  evaluationTime,
  intervalOf,
  limitOf,
  orderedTimeBounds,
  Parameters,
  stepOf,
} from '../../../src/api/parameters.js';
import { parseBytes } from '../../../src/wire/bytesize.js';
import { formatGoDuration, parseGoDuration, parsePrometheusDuration } from '../../../src/wire/duration.js';
import { FaultError } from '../../../src/wire/fault.js';
import { parseGoFloat } from '../../../src/wire/go-number.js';
import { parseLabelText } from '../../../src/wire/label-text.js';
import { formatLabels } from '../../../src/wire/labels.js';
import type { SeededRandom } from '../../support/random.js';
import { mutatedText, randomText } from '../mutate.js';
import { accepts, type FuzzTarget, isPlainError } from '../target.js';

const NOW = 1_793_491_200_000_000_000n;

const SAMPLES = [
  ...['start=1793491200&end=1793494800.5&step=15&limit=100', 'since=1h30m&direction=FORWARD&interval=5s'],
  ...['start=2026-11-01T00:00:00.123456789Z&end=2026-11-01T01:00:00%2B02:00&time=1793491200000000000', 'a=%ff&=&b', ''],
];
const PIECES = [
  'start=',
  'end=',
  'step=',
  'limit=',
  'since=',
  'time=',
  '&',
  '%',
  '%zz',
  '-',
  '.',
  'e9',
  'Z',
  'T',
  'h',
  'ms',
  '9',
];

function readAll(parameters: Parameters): void {
  const bounds = orderedTimeBounds(parameters, NOW);
  stepOf(parameters, bounds);
  evaluationTime(parameters, NOW);
  limitOf(parameters);
  intervalOf(parameters);
  directionOf(parameters);
}

/** Query strings of requests: refused as bad requests, whatever is wrong with them. */
export const parameters: FuzzTarget = {
  name: 'parameters',
  weight: 0.5,
  attempt(random) {
    const search = mutatedText(random, random.pick(SAMPLES), random.pick(SAMPLES), PIECES);
    return accepts(
      () => readAll(new Parameters(search)),
      (error) => error instanceof FaultError && error.fault.code === 'bad-request',
    );
  },
};

const WORDS = [
  '1h30m',
  '5d',
  '1.5s',
  '-2h',
  '100us',
  '1e3',
  '0x1p-2',
  '1_000',
  'Inf',
  'nan',
  '1.5MiB',
  '12,345 kB',
  '{a="b", c="d\\"\\n"}',
];

function read(random: SeededRandom, text: string): void {
  switch (random.below(5)) {
    case 0:
      parsePrometheusDuration(text);
      return;
    case 1:
      parseGoDuration(formatGoDuration(parseGoDuration(text)));
      return;
    case 2:
      parseBytes(text);
      return;
    case 3:
      parseGoFloat(text);
      return;
    default: {
      const labels = parseLabelText(text);
      if (labels === null) throw new Error('no labels');
      if (labels.length > 0 && parseLabelText(formatLabels(labels)) === null)
        throw new TypeError(`${text} does not come back`);
    }
  }
}

/** Durations, sizes, numbers and label sets as text. */
export const words: FuzzTarget = {
  name: 'words',
  weight: 0.5,
  attempt(random) {
    const text = random.chance(0.2)
      ? randomText(random, 20)
      : mutatedText(random, random.pick(WORDS), random.pick(WORDS));
    return accepts(() => read(random, text), isPlainError);
  },
};
