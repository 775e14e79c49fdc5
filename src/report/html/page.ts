import { html, type Markup, raw } from './markup.ts';
import { STYLES } from './styles.ts';

/**
 * The policy lets the page load nothing and run nothing: should markup from a journal ever slip through, it is dead, and the
 * report can be opened anywhere without telling anybody.
 */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

interface Page {
  readonly title: string;
  readonly header: Markup;
  readonly sections: readonly { readonly id: string; readonly name: string; readonly section: Markup }[];
  readonly footer: string;
  /** Styles of this page alone. */
  readonly styles?: string;
}

/** One page that needs nothing else: no script, no request. Light and dark, narrow and wide, and on paper. */
export function page({ title, header, sections, footer, styles = '' }: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${raw(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Faultline</title>
<style>${raw(STYLES + styles)}</style>
</head>
<body>
${header}
<main>
<nav aria-label="Sections"><ul class="contents">${sections.map(({ id, name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
${sections.map(({ section }) => section)}
</main>
<footer>${footer}</footer>
</body>
</html>
`.text;
}
