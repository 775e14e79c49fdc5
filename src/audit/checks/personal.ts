import { type Trace, traceKind } from './traces.ts';

const MAIL = /\b[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,5}\.[a-z]{2,24}\b/i;
/** Sixteen digits in fours, or fifteen as 4, 6 and 5, with the first digits of the large networks, and no digit beside them. */
const CARD =
  /(?<!\d[ -]?)\b(?:(?:4\d{3}|5[1-5]\d\d|2[2-7]\d\d|6011|65\d\d)(?:[ -]?\d{4}){3}|3[47]\d\d[ -]?\d{6}[ -]?\d{5})\b(?![ -]?\d)/g;
const IBAN = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b/g;

const TRACES: readonly Trace[] = [
  { slug: 'mail', what: 'mail addresses of people', severity: 'high', found: (line) => MAIL.test(line) },
  {
    slug: 'card',
    what: 'numbers of payment cards',
    severity: 'critical',
    found: (line) => [...line.matchAll(CARD)].some(([digits]) => luhn(digits.replace(/\D/g, ''))),
  },
  {
    slug: 'account',
    what: 'numbers of bank accounts',
    severity: 'high',
    found: (line) => [...line.matchAll(IBAN)].some(([iban]) => isIban(iban.replaceAll(' ', ''))),
  },
];

export const personal = traceKind({
  answers: 'privacy',
  description: 'Reads logs and pages, and looks for personal data: mail addresses, cards, bank accounts.',
  traces: TRACES,
  remedy:
    'Log who did what by an id that means nothing outside, and take personal data out where log lines are made; delete what was written down.',
});

/** The check digit of payment cards (ISO/IEC 7812-1, annex B). */
function luhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/** The check digits of bank accounts (ISO 13616, by ISO 7064 MOD 97-10). */
function isIban(iban: string): boolean {
  const moved = iban.slice(4) + iban.slice(0, 4);
  const digits = moved.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  return BigInt(digits) % 97n === 1n;
}
