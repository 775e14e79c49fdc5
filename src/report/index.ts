export { renderHtml } from './html/render.ts';
export { renderJson } from './json/render.ts';
export { renderMarkdown } from './markdown/render.ts';
export { summarise } from './summarise.ts';
export { writeReports } from './write.ts';
