import { openSession, ProblemError } from './api.js';
import { el, setText } from './dom.js';

/** Asks for a token until one is accepted; the server keeps it in a cookie that scripts cannot read. */
export function signIn() {
  const input = el('input', { type: 'password', id: 'token', name: 'token', required: true, autocomplete: 'off' });
  const problem = el('p', { role: 'alert', class: 'problem' });
  const form = el('form', {}, el('h2', { id: 'sign-in' }, 'Sign in'),
    el('label', { for: 'token' }, 'Token of this coordinator'), input, problem, el('button', {}, 'Sign in'));
  const dialog = el('dialog', { 'aria-labelledby': 'sign-in' }, form);
  return new Promise((resolve) => {
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      try {
        await openSession(input.value);
        dialog.close();
        dialog.remove();
        resolve();
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        setText(problem, error.message);
        input.select();
      }
    });
    dialog.addEventListener('cancel', (event) => event.preventDefault());
    document.body.append(dialog);
    dialog.showModal();
  });
}
