import test from 'ava';
import { firstSentence } from './doc-comment.ts';

const cases: readonly (readonly [title: string, comment: string, expected: string | undefined])[] =
  [
    ['the first sentence alone is kept', '/** Opens the door. Then shuts it. */', 'Opens the door'],
    ['lines are joined', '/**\n * Opens the\n * front door.\n */', 'Opens the front door'],
    ['a blank line ends it', '/**\n * Opens the door\n *\n * Shuts it.\n */', 'Opens the door'],
    ['tags end it', '/**\n * Opens the door\n * @returns nothing\n */', 'Opens the door'],
    [
      'links are unwrapped',
      '/** Opens {@link Door} or {@link Gate | a gate}. */',
      'Opens Door or a gate',
    ],
    [
      'Markdown is stripped',
      '/** Opens **the** `door_knob` of [it](http://a.b). */',
      'Opens the door_knob of it',
    ],
    ['HTML is stripped', '/** <p>Opens the <b>door</b></p> */', 'Opens the door'],
    [
      'abbreviations do not end it',
      '/** Opens e.g. Doors and gates. More. */',
      'Opens e.g. Doors and gates',
    ],
    [
      'version numbers do not end it',
      '/** Since v1.2.3 opens doors. */',
      'Since v1.2.3 opens doors',
    ],
    ['only tags give none', '/** @deprecated Use the other one instead. */', undefined],
    ['two words give none', '/** Opens doors. */', undefined],
    ['a licence gives none', '/** Copyright 2020 by its many authors. */', undefined],
    ['an empty comment gives none', '/** */', undefined],
  ];

for (const [title, comment, expected] of cases) {
  test(title, (t) => t.is(firstSentence(comment), expected));
}
