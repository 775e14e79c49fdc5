export { earlierRuns } from './earlier.ts';
export { renderHtml } from './html/render.ts';
export { renderJson } from './json/render.ts';
export { renderJunit } from './junit/render.ts';
export { renderMarkdown } from './markdown/render.ts';
export { writePdf } from './pdf.ts';
export { summarise } from './summarise.ts';
export { writeReports } from './write.ts';
