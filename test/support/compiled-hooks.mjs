const ROOT = new URL('../../', import.meta.url).href;

/** Runs what `compile.ts` has made of a TypeScript file in place of it. */
export function resolve(specifier, context, next) {
  const ours = specifier.startsWith(ROOT) && specifier.endsWith('.ts');
  return next(ours ? `${ROOT}.built/${specifier.slice(ROOT.length, -3)}.js` : specifier, context);
}
