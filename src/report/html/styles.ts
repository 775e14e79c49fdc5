const LIGHT = `
  --paper: #ffffff; --raised: #f6f6f4; --ink: #1b1e23; --muted: #5c636d; --line: #dcdee2;
  --latency: #33568f; --fault: #96590a; --shade: #f4e8d0; --bad: #b9302a; --good: #1c7247; --quiet: #b4bdc9;
  --bad-wash: #fbeeec; --good-wash: #eaf4ee; --warn-wash: #faf2e3;`;

const DARK = `
  --paper: #14161a; --raised: #1c1f24; --ink: #e6e8eb; --muted: #9da4ae; --line: #32363d;
  --latency: #8db0ee; --fault: #dfa044; --shade: #352c1c; --bad: #ee7b70; --good: #62c593; --quiet: #56606d;
  --bad-wash: #2c1d1d; --good-wash: #17271f; --warn-wash: #2a2418;`;

export const STYLES = `
:root { color-scheme: light dark;${LIGHT} }
@media screen and (prefers-color-scheme: dark) { :root {${DARK} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink); font-size: 16px; line-height: 1.55;
  font-family: Inter, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif;
  font-feature-settings: "tnum", "cv05"; overflow-wrap: break-word;
}
main, header, footer { max-width: 1064px; margin: 0 auto; padding: 0 32px; }
a { color: inherit; text-decoration-color: var(--line); text-underline-offset: 3px; }
a:hover { text-decoration-color: currentColor; }
h1, h2, h3, p, ul, ol, dl, figure { margin: 0; }
h1 { font-size: 40px; line-height: 1.1; letter-spacing: -0.022em; font-weight: 680; text-wrap: balance; }
h2 { font-size: 23px; line-height: 1.25; letter-spacing: -0.012em; font-weight: 660; }
h3 { font-size: 16px; line-height: 1.4; font-weight: 640; }
code, pre, .mono { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.875em; }
section { padding-top: 64px; }
.lede { color: var(--muted); max-width: 68ch; margin-top: 6px; }
.muted { color: var(--muted); }
.small { font-size: 14px; }
.bad { color: var(--bad); } .good { color: var(--good); } .fault { color: var(--fault); }
.nowrap { white-space: nowrap; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.top { display: flex; justify-content: space-between; gap: 4px 24px; flex-wrap: wrap; padding-top: 28px; font-size: 14px; color: var(--muted); }
.top b { color: var(--ink); font-weight: 640; letter-spacing: -0.005em; }
.title { padding-top: 44px; display: grid; gap: 14px; }
.hypothesis { font-size: 19px; line-height: 1.45; color: var(--muted); max-width: 60ch; }

.verdict { margin-top: 30px; padding: 24px 28px 26px; border-radius: 8px; background: var(--raised); }
.verdict.bad { background: var(--bad-wash); color: inherit; }
.verdict.good { background: var(--good-wash); color: inherit; }
.verdict.warn { background: var(--warn-wash); }
.word { display: inline-block; font-size: 14px; font-weight: 660; line-height: 1.4; padding: 3px 11px 4px; border-radius: 5px; background: var(--muted); color: var(--paper); }
.verdict.bad .word { background: var(--bad); } .verdict.good .word { background: var(--good); } .verdict.warn .word { background: var(--fault); }
.headline { font-size: 25px; line-height: 1.3; letter-spacing: -0.012em; font-weight: 600; margin-top: 12px; max-width: 36em; text-wrap: pretty; }
.reason { margin-top: 10px; color: var(--muted); max-width: 80ch; }
.alarm { margin-top: 16px; padding: 14px 18px; border-radius: 8px; background: var(--bad); color: var(--paper); font-weight: 640; }

.figures { display: grid; grid-template-columns: repeat(4, 1fr); margin: 30px 0 0; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); }
.figures > div { padding: 18px 20px 18px 0; }
.figures > div + div { border-left: 1px solid var(--line); padding-left: 20px; }
.figures dt { font-size: 14px; color: var(--muted); }
.figures dd { margin: 2px 0 0; font-size: 30px; line-height: 1.2; letter-spacing: -0.02em; font-weight: 640; white-space: nowrap; }
.figures dd + dd { font-size: 13px; line-height: 1.4; letter-spacing: 0; font-weight: 400; color: var(--muted); margin-top: 4px; white-space: normal; }

.brief { display: grid; grid-template-columns: 132px 1fr; gap: 3px 20px; margin-top: 16px; font-size: 15px; line-height: 1.45; }
.brief dt a { color: var(--muted); text-decoration: none; } .brief dd { margin: 0; text-wrap: pretty; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 20px 32px; margin-top: 24px; } .pair .verdict { margin-top: 0; } .pair > * { min-width: 0; }
.pair .verdict h2 { margin-bottom: 8px; } .pair .verdict p + p { margin-top: 10px; }
.plain { margin-top: 14px; padding-left: 18px; }

.first { padding-top: 20px; display: grid; gap: 14px; }
.story { display: grid; grid-template-columns: 1fr 1fr; gap: 18px 48px; }
.story p { margin-top: 2px; color: var(--muted); text-wrap: pretty; }
.contents { display: flex; flex-wrap: wrap; gap: 6px 20px; font-size: 14px; margin-top: 22px; padding: 0; color: var(--muted); list-style: none; }

figure.chart { margin-top: 18px; }
figure.chart svg { display: block; width: 100%; height: auto; }
figure.chart figcaption { font-size: 14px; color: var(--muted); margin-top: 10px; max-width: 80ch; }
.narrow { display: none; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 13px; color: var(--muted); list-style: none; padding: 0; margin-top: 14px; }
.legend li { display: flex; align-items: center; gap: 7px; }
.key { width: 16px; height: 10px; border-radius: 2px; flex: none; }
.key.line { height: 2px; border-radius: 0; } .key.dot { width: 7px; height: 7px; border-radius: 50%; }
.key.dash { height: 0; border-top: 1.5px dashed var(--muted); border-radius: 0; }

.lessons { display: grid; gap: 0; margin-top: 22px; padding: 0; list-style: none; }
.lesson { display: grid; grid-template-columns: 96px 1fr; gap: 0 24px; padding: 24px 0; border-top: 1px solid var(--line); break-inside: avoid; }
.severity { font-size: 14px; font-weight: 660; line-height: 1.6; }
.severity.critical, .severity.high { color: var(--bad); } .severity.medium { color: var(--fault); } .severity.good { color: var(--good); }
.lesson h3 { font-size: 18px; line-height: 1.4; letter-spacing: -0.006em; max-width: 46em; text-wrap: pretty; }
.lesson ul { margin: 10px 0 0; padding-left: 18px; list-style: disc; color: var(--muted); font-size: 15px; }
.lesson li { padding: 1px 0; }
.told { display: grid; grid-template-columns: 1fr 1fr; gap: 0 40px; }
.lesson p { margin-top: 10px; }
.lesson p b { font-weight: 640; }
.asked { margin-top: 20px; border-top: 1px solid var(--line); padding-top: 18px; display: grid; gap: 14px; font-size: 15px; }
.asked ul { margin-top: 4px; padding-left: 18px; color: var(--muted); }

table { width: 100%; border-collapse: collapse; margin-top: 20px; font-size: 15px; }
caption { text-align: left; font-weight: 640; padding-bottom: 8px; }
th { text-align: left; font-weight: 500; font-size: 13.5px; color: var(--muted); vertical-align: bottom; padding: 8px 18px 8px 0; border-bottom: 1px solid var(--line); }
td { padding: 9px 18px 9px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
.num { text-align: right; white-space: nowrap; }
tr { break-inside: avoid; }
tr.same td { border-bottom-color: transparent; padding-bottom: 2px; }
.probe { font-weight: 600; white-space: nowrap; }
.meter { display: block; width: 100%; min-width: 90px; height: 6px; border-radius: 3px; background: var(--line); overflow: hidden; margin-top: 9px; }
.meter i { display: block; height: 100%; background: var(--latency); }
.meter i.near { background: var(--fault); } .meter i.full { background: var(--bad); }

.checks { display: grid; gap: 8px; margin-top: 18px; padding: 0; list-style: none; }
.checks li { display: grid; grid-template-columns: 22px 1fr; }
.facts { display: grid; grid-template-columns: 170px 1fr; gap: 7px 20px; margin-top: 20px; font-size: 15px; }
.facts dt { color: var(--muted); } .facts dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }

.timeline { margin-top: 20px; padding: 0; list-style: none; font-size: 15px; }
.timeline li { display: grid; grid-template-columns: 96px 84px 16px 1fr; gap: 0 12px; padding: 4px 0; break-inside: avoid; }
.timeline .at { color: var(--muted); white-space: nowrap; } .timeline .s { text-align: right; white-space: nowrap; }
.timeline .dot { width: 8px; height: 8px; border-radius: 50%; margin-top: 8px; border: 1.5px solid var(--quiet); }
.timeline .dot.bad { background: var(--bad); border-color: var(--bad); } .timeline .dot.good { background: var(--good); border-color: var(--good); } .timeline .dot.fault { background: var(--fault); border-color: var(--fault); }

pre { margin: 20px 0 0; padding: 20px 22px; background: var(--raised); border-radius: 8px; overflow-x: auto; line-height: 1.6; tab-size: 2; }
footer { padding-top: 72px; padding-bottom: 56px; font-size: 13px; color: var(--muted); }

@media screen and (max-width: 720px) {
  main, header, footer { padding-left: 16px; padding-right: 16px; }
  h1 { font-size: 31px; } .title { padding-top: 30px; }
  .hypothesis { font-size: 17px; }
  .verdict { padding: 18px 18px 20px; margin-top: 22px; } .headline { font-size: 20px; }
  .figures { grid-template-columns: 1fr 1fr; margin-top: 22px; }
  .figures > div { padding: 14px 12px 14px 0; } .figures > div + div { padding-left: 0; border-left: 0; }
  .figures > div:nth-child(even) { border-left: 1px solid var(--line); padding-left: 16px; }
  .figures > div:nth-child(n+3) { border-top: 1px solid var(--line); }
  .figures dd { font-size: 25px; }
  .pair { grid-template-columns: 1fr; }
  .brief { grid-template-columns: 1fr; gap: 0; } .brief dd { margin-bottom: 8px; }
  .wide { display: none; } .narrow { display: block; }
  section { padding-top: 52px; }
  .lesson { grid-template-columns: 1fr; gap: 4px; } .told, .story { grid-template-columns: 1fr; }
  .probe { white-space: normal; }
  .facts { grid-template-columns: 1fr; gap: 0; } .facts dd { margin-bottom: 10px; }
  .timeline li { grid-template-columns: 76px 12px 1fr; gap: 0 8px; } .timeline .at { display: none; } .timeline .s { text-align: left; }
  table.stack, .stack caption:not(.hidden), .stack tbody, .stack tr, .stack td { display: block; width: 100%; }
  .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stack tr, .stack tr.same { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); grid-auto-flow: dense; gap: 6px 12px; padding: 14px 0; border-bottom: 1px solid var(--line); }
  .stack td, .stack tr.same td { grid-column: 1 / -1; display: block; border: 0; padding: 0; text-align: left; white-space: normal; }
  .stack td::before { content: attr(data-label); display: block; color: var(--muted); font-size: 13px; line-height: 1.4; }
  .stack td.num, .stack tr.same td.num { grid-column: auto; }
  .stack td.half, .stack tr.same td.half { grid-column: span 2; }
  .stack td:first-child::before, .stack td:empty, .stack td:has(> .hidden:only-child) { display: none; }
  .stack td:first-child { font-weight: 600; }
  pre { padding: 16px; font-size: 13px; }
}
@media print {
  table { font-size: 9.5pt; } .lesson h3 { font-size: 12pt; } .story p, .told p, .told ul { font-size: 10pt; } h1 { font-size: 26pt; } .headline { font-size: 15pt; } .figures dd { font-size: 17pt; } .figures dd + dd { font-size: 9pt; }
  body { font-size: 10.5pt; } main, header, footer { max-width: none; padding: 0; }
  section { padding-top: 28pt; } h2, h3, caption { break-after: avoid; } figure.chart { break-inside: avoid; }
  .verdict, .word, .alarm, .meter, .meter i, .key { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .contents { display: none; } pre { white-space: pre-wrap; overflow: visible; font-size: 8.5pt; }
  a { text-decoration: none; } @page { margin: 16mm 15mm; }
}
`;
