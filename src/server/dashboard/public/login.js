import { api } from './api.js';
import { html, useState } from './lib/preact.js';

/** Trades a token for a session; the token stays in no storage of the browser. */
export function Login({ onLogin }) {
  const [said, setSaid] = useState('');
  const submit = async (event) => {
    event.preventDefault();
    try {
      onLogin(await api('POST', '/api/login', { token: new FormData(event.target).get('token').trim() }));
    } catch (error) {
      setSaid(error.message);
    }
  };
  return html`<main class="login">
    <h1>Faultline</h1>
    <form onSubmit=${submit}>
      <label for="token">Token</label>
      <input id="token" name="token" type="password" autocomplete="off" required autofocus />
      <button>Log in</button>
      ${said && html`<p class="bad" role="alert">${said}</p>`}
      <p class="muted">An admin makes one with <code>faultline token create NAME --role viewer|operator|admin</code>.</p>
    </form>
  </main>`;
}
