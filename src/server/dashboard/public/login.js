import { api } from './api.js';
import { html, useState } from './lib/preact.js';

/** Trades a token for a session; the token stays in no storage of the browser. */
export function Login({ onLogin, expired, order }) {
  const [said, setSaid] = useState('');
  const submit = async (event) => {
    event.preventDefault();
    setSaid('');
    try {
      onLogin(await api('POST', '/api/login', { token: new FormData(event.target).get('token').trim() }));
    } catch (error) {
      setSaid(error.message);
    }
  };
  return html`<main class="login">
    <h1>Faultline</h1>
    ${order?.state === 'login' && html`<p class="banner bad" role="alert"><b>The stop is not sent yet: your session has ended.</b> Log in, and it is sent at once. Without a login: <code>faultline halt</code> on the machine.</p>`}
    ${expired && order?.state !== 'login' && html`<p class="banner warn" role="status">Your session has ended. Runs go on.</p>`}
    <form onSubmit=${submit}>
      <label for="token">Token</label>
      <input id="token" name="token" type="password" autocomplete="off" required autofocus aria-describedby="token-said" />
      <p id="token-said" class="bad" role="alert">${said}</p>
      <button class="primary">Log in</button>
      <p class="muted">An admin makes one with <code>faultline token create NAME --role viewer|operator|admin</code>.</p>
    </form>
  </main>`;
}
