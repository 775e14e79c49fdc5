import { api } from './api.js';
import { html, useEffect, useRef, useState } from './lib/preact.js';

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const PREVIEW_MS = 300;

/** A time where the viewer is, and where the schedule is; its day there only where that is another one. */
export function due(at, zone) {
  const told = (timeZone, style) =>
    new Date(at).toLocaleString(undefined, { timeZone, hour12: false, ...style });
  const here = told(HERE, WHOLE);
  if (zone === HERE) return here;
  const sameDay = told(HERE, DAY) === told(zone, DAY);
  return `${here} here, ${told(zone, sameDay ? TIME : WHOLE)} in ${zone}`;
}

const DAY = { weekday: 'short', day: 'numeric', month: 'short' };
const TIME = { hour: '2-digit', minute: '2-digit' };
const WHOLE = { ...DAY, ...TIME };

/** Makes a schedule, or changes one that was made over the API. `of` is that one, or null. */
export function ScheduleForm({ of, onDone, onCancel }) {
  // Those it has already are there before the list is, so that saving early drops none.
  const [experiments, setExperiments] = useState(
    () => of?.experiments.map((name) => ({ name, title: name, problems: [] })) ?? [],
  );
  const [rule, setRule] = useState({ cron: of?.cron ?? '0 10 * * tue', zone: of?.zone ?? HERE });
  const [next, setNext] = useState([]);
  const [wrong, setWrong] = useState({});
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  const form = useRef(null);
  /** Puts each sentence beside its field; what belongs to none is said on top. */
  const refuse = (error, others) => {
    const fields = error.fields ?? [];
    setWrong((old) => ({
      ...(others ? {} : old),
      ...Object.fromEntries(fields.map(({ field, message }) => [field, message])),
    }));
    const shown = fields.filter(({ field }) => !FIELDS.includes(field));
    setSaid(fields.length === 0 ? error.message : shown.map(({ message }) => message).join(' '));
  };
  useEffect(() => {
    form.current.querySelector('input').focus();
    api('GET', '/api/experiments').then((answer) => setExperiments(answer.experiments), refuse);
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => {
      api('GET', `/api/schedules/preview?${new URLSearchParams(rule)}`).then(
        (answer) => {
          setNext(answer.next);
          setWrong(({ cron, zone, ...others }) => others);
        },
        (error) => {
          setNext([]);
          refuse(error);
        },
      );
    }, PREVIEW_MS);
    return () => clearTimeout(timer);
  }, [rule.cron, rule.zone]);
  const save = async (event) => {
    event.preventDefault();
    const data = new FormData(event.target);
    setBusy(true);
    setSaid('');
    try {
      await api(
        'PUT',
        `/api/schedules/${encodeURIComponent(of?.name ?? data.get('name').trim())}`,
        entryOf(data),
      );
      onDone();
    } catch (error) {
      refuse(error, true);
      setBusy(false);
    }
  };
  const change = (key) => (event) => setRule({ ...rule, [key]: event.target.value });
  const field = (name, label, control, hint) => html`<div class="field">
    <label for=${`schedule-${name}`}>${label}</label>
    ${control({
      id: `schedule-${name}`,
      name,
      'aria-invalid': name in wrong ? 'true' : undefined,
      'aria-describedby': `schedule-${name}-said`,
    })}
    <span id=${`schedule-${name}-said`} class=${wrong[name] ? 'small bad' : 'small muted'}>${wrong[name] ?? hint}</span>
  </div>`;
  const input = (more) => (own) => html`<input ...${own} ...${more} />`;
  const select = (value, options) => (own) =>
    html`<select ...${own}>${options.map(([key, text]) => html`<option value=${key} selected=${key === value}>${text}</option>`)}</select>`;
  return html`<form class="schedule" ref=${form} aria-label=${of ? `Change ${of.name}` : 'New schedule'} onSubmit=${save} novalidate>
    <h2>${of ? `Change ${of.name}` : 'New schedule'}</h2>
    ${said && html`<p class="bad" role="alert">${said}</p>`}
    <div class="fields">
      ${!of && field('name', 'Name', input({ autocomplete: 'off', spellcheck: false }), 'small letters, digits, hyphens')}
      ${field('cron', 'Cron expression', input({ value: rule.cron, onInput: change('cron'), spellcheck: false }), 'minute hour day month weekday')}
      ${field('zone', 'Time zone', input({ value: rule.zone, onInput: change('zone'), list: 'zones', spellcheck: false }), 'such as Europe/Rome')}
      <datalist id="zones">${Intl.supportedValuesOf('timeZone').map((zone) => html`<option value=${zone} />`)}</datalist>
      <fieldset class="field wide" aria-describedby="schedule-experiments-said">
        <legend>Experiments</legend>
        <div class="choices">
          ${experiments.map(
            ({ name, title, problems }) => html`<label key=${name} title=${problems.join(' ')}>
              <input type="checkbox" name="experiments" value=${name} defaultChecked=${of?.experiments.includes(name)} disabled=${problems.length > 0} />
              ${title}
            </label>`,
          )}
        </div>
        <span id="schedule-experiments-said" class=${wrong.experiments ? 'small bad' : 'small muted'}>${wrong.experiments ?? 'each time starts one of them'}</span>
      </fieldset>
      ${field(
        'pick',
        'Which of several',
        select(of?.pick, [
          ['turn', 'each in turn'],
          ['random', 'one at random'],
        ]),
        'of those above',
      )}
      ${field(
        'concurrencyPolicy',
        'While its last run goes on',
        select(of?.concurrencyPolicy, [
          ['Forbid', 'skip (Forbid)'],
          ['Replace', 'end that run (Replace)'],
        ]),
        'what becomes of the next time',
      )}
      ${field('startingDeadlineSeconds', 'Deadline, seconds', input({ type: 'number', min: 10, max: 86400, defaultValue: of?.startingDeadlineSeconds ?? 300 }), 'later it counts as missed')}
      ${field('jitter', 'Jitter', input({ defaultValue: spanOf(of?.jitterMs ?? 0), spellcheck: false }), 'up to so much later, such as 10m')}
      ${field('approvedBy', 'Approved by', input({ defaultValue: of?.approvedBy.join(', '), autocomplete: 'off' }), 'names, where the limits ask for approvals')}
    </div>
    <div role="status">
      <h3>Next times</h3>
      ${next.length === 0 && html`<p class="small muted">None yet.</p>`}
      <ol class="small">${next.map((at) => html`<li>${due(at, rule.zone)}</li>`)}</ol>
    </div>
    <p class="acts">
      <button class="primary" disabled=${busy}>${of ? 'Save' : 'Make schedule'}</button>
      <button type="button" onClick=${onCancel}>Cancel</button>
    </p>
  </form>`;
}

const FIELDS = [
  'name',
  'cron',
  'zone',
  'experiments',
  'pick',
  'concurrencyPolicy',
  'startingDeadlineSeconds',
  'jitter',
  'approvedBy',
];

/** As it is written in the file. */
function spanOf(ms) {
  if (ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

function entryOf(form) {
  const names = form
    .get('approvedBy')
    .split(',')
    .map((name) => name.trim());
  return {
    cron: form.get('cron').trim(),
    zone: form.get('zone').trim(),
    experiments: form.getAll('experiments'),
    pick: form.get('pick'),
    concurrencyPolicy: form.get('concurrencyPolicy'),
    startingDeadlineSeconds: Number(form.get('startingDeadlineSeconds')),
    jitter: form.get('jitter').trim() || 0,
    approvedBy: names.filter(Boolean),
  };
}
