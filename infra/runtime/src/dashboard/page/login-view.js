// The form that asks for the operator's token.

/** @import { View } from './types.ts' */
import { h } from './vdom.js';

/** @param {View} view */
export function loginView({ model, signIn }) {
  const onsubmit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const token = String(new FormData(form).get('token') ?? '').trim();
    if (token !== '') signIn(token);
  };
  return h(
    'main',
    { class: 'login', key: 'login' },
    h(
      'form',
      { onsubmit, class: 'card' },
      h('h1', null, 'Starling'),
      h('p', null, 'The dashboard reads what the coordinator’s API shows to your token.'),
      h('label', { for: 'token' }, 'Token'),
      h('input', {
        id: 'token',
        name: 'token',
        type: 'password',
        autocomplete: 'off',
        spellcheck: 'false',
        required: true,
        'aria-describedby': 'token-hint',
        'aria-invalid': model.refusal === null ? undefined : 'true',
      }),
      model.refusal !== null &&
        h(
          'p',
          { class: 'notice warning', role: 'alert' },
          h('strong', null, 'This token does not count: '),
          `${model.refusal}. Copy it again, or make a new one.`,
        ),
      h('button', { type: 'submit', class: 'primary' }, 'Sign in'),
      h(
        'p',
        { id: 'token-hint', class: 'soft' },
        'It is kept until this tab closes and sent to this coordinator only. ',
        'On the coordinator’s machine ',
        h('code', null, 'starling token create --role read --name me'),
        ' makes one.',
      ),
    ),
  );
}
