const HEX = '0123456789abcdef';
const LETTERS = `${HEX}ghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ`;

/** `length` hexadecimal digits. */
export function hex(random: () => number, length: number): string {
  return draw(random, length, HEX);
}

/** `length` letters and digits. */
export function letters(random: () => number, length: number): string {
  return draw(random, length, LETTERS);
}

function draw(random: () => number, length: number, from: string): string {
  let text = '';
  while (text.length < length) text += from[Math.floor(random() * from.length)];
  return text;
}
