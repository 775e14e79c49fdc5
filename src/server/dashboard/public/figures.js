import { span } from './api.js';

/** `p95 120 ms, was 20 ms · failed 34%, was 0%`. */
export function figuresOf({ measures, baseline }) {
  const pairs = [
    ['', 'value', short],
    ...(measures.value === null ? [['p95 ', 'p95', span]] : []),
    ['failed ', 'errorRate', (share) => `${Math.round(share * 100)}%`],
  ];
  return pairs
    .filter(([, name]) => measures[name] !== null)
    .map(([word, name, format]) => {
      const before = baseline?.[name] ?? null;
      return `${word}${format(measures[name])}${before === null ? '' : `, was ${format(before)}`}`;
    })
    .join(' · ');
}

/** `90M`, `4.2`. */
export function short(value) {
  return new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}
