import type { Told, ToldBlock, ToldCell } from '../told/told.ts';
import { bullets, code, heading, plain, table } from './text.ts';

export function toldBlocks({ heading: name, lede, blocks }: Told): string[] {
  return [heading(2, name), ...(lede === undefined ? [] : [plain(lede)]), ...blocks.flatMap(block)];
}

function block(told: ToldBlock): string[] {
  if ('list' in told) return [bullets(told.list.map(plain))];
  if ('command' in told) return [code(told.command)];
  const { caption, columns, rows } = told.table;
  return [
    `**${plain(caption)}**`,
    table(
      columns.map(({ name }) => plain(name)),
      rows.map((cells) => cells.map(cell)),
    ),
  ];
}

function cell(told: ToldCell): string {
  if (typeof told === 'string') return plain(told);
  if ('href' in told) return `[${plain(told.text)}](${told.href})`;
  if (told.tone === 'code') return code(told.text);
  return told.tone === 'bad' ? `**${plain(told.text)}**` : plain(told.text);
}
