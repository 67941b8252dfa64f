/** State glyphs (16 box, coloured by `--c` of the nearest `data-s`). */
export const STATE_GLYPHS = [
  "scheduled",
  "queued",
  "running",
  "success",
  "failed",
  "up_for_retry",
  "skipped",
  "upstream_failed",
  "cancelled",
  "deferred",
  "stale",
  "missing",
  "at_risk",
  "late",
] as const
export type StateGlyph = (typeof STATE_GLYPHS)[number]

/** Grid cells (14 box, carry their own colour). Drawn with `<use href="#c-…">`. */
export const CELL_GLYPHS = [
  "success",
  "failed",
  "running",
  "queued",
  "scheduled",
  "up_for_retry",
  "skipped",
  "upstream_failed",
  "deferred",
  "stale",
  "missing",
  "none",
  "cancelled",
] as const
export type CellGlyph = (typeof CELL_GLYPHS)[number]

/** Actions and places (16 box, `currentColor`). */
export const ACTION_GLYPHS = [
  "overview",
  "pipelines",
  "runs",
  "backfills",
  "triage",
  "datasets",
  "lineage",
  "quality",
  "freshness",
  "query",
  "admin",
  "search",
  "chev",
  "right",
  "up",
  "down",
  "arrow",
  "pause",
  "plus",
  "minus",
  "x",
  "more",
  "theme",
  "fit",
  "copy",
  "dl",
  "link",
  "wrap",
  "user",
  "check",
  "snooze",
  "bell",
  "book",
  "cal",
  "group",
  "key",
  "lock",
  "menu",
  "filter",
  "info",
  "file",
  "retry",
  "stop",
  "clock",
  "external",
  "play",
  "terminal",
] as const
export type ActionGlyph = (typeof ACTION_GLYPHS)[number]

/** The drawings of all glyphs, as SVG symbols; rendered once a document by `IconSprite`. */
export const GLYPH_SYMBOLS = `
<symbol id="s-scheduled" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.9" fill="none" stroke="var(--c)" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/><path d="M8 4.8V8l2.1 1.4" fill="none" stroke="var(--c)" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="s-queued" viewBox="0 0 16 16"><rect x="1.4" y="4.4" width="13.2" height="7.2" rx="3.6" fill="none" stroke="var(--c)" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/><g fill="var(--c)"><circle cx="4.9" cy="8" r="1"/><circle cx="8" cy="8" r="1"/><circle cx="11.1" cy="8" r="1"/></g></symbol>
<symbol id="s-running" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.9" fill="none" stroke="var(--c)" stroke-width="1.8" opacity=".3"/><path d="M8 2.1A5.9 5.9 0 1 1 2.1 8" fill="none" stroke="var(--c)" stroke-width="2" stroke-linecap="round"/><circle cx="8" cy="8" r="1.9" fill="var(--c)"/></symbol>
<symbol id="s-success" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.6" fill="var(--c)"/><path d="M5.1 8.2l2 2 3.8-4.1" fill="none" stroke="var(--st-on)" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="s-failed" viewBox="0 0 16 16"><path d="M5.4 1.5h5.2l3.9 3.9v5.2l-3.9 3.9H5.4L1.5 10.6V5.4z" fill="var(--c)"/><path d="M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4" fill="none" stroke="var(--st-on)" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="s-up_for_retry" viewBox="0 0 16 16"><path d="M13.2 8.4A5.3 5.3 0 1 1 11.4 4" fill="none" stroke="var(--c)" stroke-linecap="round" stroke-linejoin="round" stroke-width="1.9"/><path d="M13.9 1.8v4H9.9z" fill="var(--c)"/></symbol>
<symbol id="s-skipped" viewBox="0 0 16 16"><path d="M2.2 3.8 7 8l-4.8 4.2M7.2 3.8 12 8l-4.8 4.2M13.8 3.6v8.8" fill="none" stroke="var(--c)" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="s-upstream_failed" viewBox="0 0 16 16"><path d="M5.4 1.5h5.2l3.9 3.9v5.2l-3.9 3.9H5.4L1.5 10.6V5.4z" fill="none" stroke="var(--c)" stroke-linecap="round" stroke-linejoin="round" stroke-width="1.5"/><path d="M8 11.2V5.2M5.5 7.4 8 4.9l2.5 2.5" fill="none" stroke="var(--c)" stroke-linecap="round" stroke-linejoin="round" stroke-width="1.5"/></symbol>
<symbol id="s-cancelled" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.9" fill="none" stroke="var(--c)" stroke-linecap="round" stroke-linejoin="round" stroke-width="1.8"/><path d="M4 12 12 4" fill="none" stroke="var(--c)" stroke-linecap="round" stroke-linejoin="round" stroke-width="1.8"/></symbol>
<symbol id="s-deferred" viewBox="0 0 16 16"><path d="M9.8 1.8a6.4 6.4 0 1 0 4.4 8.6 5.3 5.3 0 0 1-4.4-8.6z" fill="var(--c)"/></symbol>
<symbol id="s-stale" viewBox="0 0 16 16"><path d="M3.6 1.9h8.8M3.6 14.1h8.8M4.6 2c0 3.4 3.4 4.1 3.4 6s-3.4 2.6-3.4 6M11.4 2c0 3.4-3.4 4.1-3.4 6s3.4 2.6 3.4 6" fill="none" stroke="var(--c)" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/><path d="M5.6 13.4 8 10.6l2.4 2.8z" fill="var(--c)"/></symbol>
<symbol id="s-missing" viewBox="0 0 16 16"><rect x="2.2" y="2.2" width="11.6" height="11.6" rx="2" fill="none" stroke="var(--c)" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" stroke-dasharray="2.4 2.6"/></symbol>
<symbol id="s-at_risk" viewBox="0 0 16 16"><path d="M8 1.8 14.8 13.6a.8.8 0 0 1-.7 1.2H1.9a.8.8 0 0 1-.7-1.2z" fill="var(--c)"/><path d="M8 6.2v3.6M8 12.1v.1" fill="none" stroke="var(--st-on)" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="s-late" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.8" fill="var(--c)"/><path d="M8 4.4V8l2.5 1.7" fill="none" stroke="var(--st-on)" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<g id="c-success"><rect x="1" y="1" width="12" height="12" rx="2.5" fill="var(--st-success)"/></g>
<g id="c-failed"><rect x="0" y="0" width="14" height="14" rx="2.5" fill="var(--st-failed)"/><path d="M4.3 4.3l5.4 5.4M9.7 4.3 4.3 9.7" stroke="var(--st-on)" stroke-width="1.8" stroke-linecap="round"/></g>
<g id="c-running"><rect x="1.8" y="1.8" width="10.4" height="10.4" rx="2" fill="none" stroke="var(--st-running)" stroke-width="1.6"/><rect x="4" y="4" width="3.4" height="6" rx=".8" fill="var(--st-running)"/></g>
<g id="c-queued"><rect x="1.7" y="1.7" width="10.6" height="10.6" rx="2" fill="none" stroke="var(--st-queued)" stroke-width="1.4"/><g fill="var(--st-queued)"><circle cx="4.3" cy="7" r=".9"/><circle cx="7" cy="7" r=".9"/><circle cx="9.7" cy="7" r=".9"/></g></g>
<g id="c-scheduled"><circle cx="7" cy="7" r="2" fill="none" stroke="var(--st-scheduled)" stroke-width="1.4"/></g>
<g id="c-up_for_retry"><rect x="1" y="1" width="12" height="12" rx="2.5" fill="var(--st-up_for_retry)"/><path d="M9.9 7.3A3 3 0 1 1 8.7 4.6" fill="none" stroke="var(--st-on)" stroke-width="1.5" stroke-linecap="round"/><path d="M10.4 3v2.7H7.7z" fill="var(--st-on)"/></g>
<g id="c-skipped"><path d="M3.5 4 6.5 7l-3 3M7.5 4l3 3-3 3" fill="none" stroke="var(--st-skipped)" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"/></g>
<g id="c-upstream_failed"><rect x="1.7" y="1.7" width="10.6" height="10.6" rx="2" fill="var(--st-upstream_failed-b)" stroke="var(--st-upstream_failed)" stroke-width="1.4"/><path d="M7 9.8V4.6M4.9 6.4 7 4.3l2.1 2.1" fill="none" stroke="var(--st-upstream_failed)" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></g>
<g id="c-cancelled"><circle cx="7" cy="7" r="5" fill="none" stroke="var(--st-cancelled)" stroke-width="1.4"/><path d="M3.6 10.4l6.800-6.800" stroke="var(--st-cancelled)" stroke-width="1.4"/></g>
<g id="c-deferred"><rect x="1" y="1" width="12" height="12" rx="2.5" fill="var(--st-deferred)"/><path d="M8 3.4a3.7 3.7 0 1 0 2.7 5 3 3 0 0 1-2.7-5z" fill="var(--st-on)"/></g>
<g id="c-stale"><path d="M3.5 1H13v9.5A2.5 2.5 0 0 1 10.5 13H3.5A2.5 2.5 0 0 1 1 10.5V3.5A2.5 2.5 0 0 1 3.5 1z" fill="var(--st-stale-b)"/><path d="M1 13 13 1v9.5a2.5 2.5 0 0 1-2.5 2.5z" fill="var(--st-stale)"/><rect x="1.6" y="1.6" width="10.8" height="10.8" rx="2" fill="none" stroke="var(--st-stale)" stroke-width="1.3"/></g>
<g id="c-missing"><rect x="1.7" y="1.7" width="10.6" height="10.6" rx="2" fill="none" stroke="var(--st-missing)" stroke-width="1.3" stroke-dasharray="2 2"/></g>
<g id="c-none"><circle cx="7" cy="7" r="1" fill="var(--border-strong)"/></g>
<symbol id="i-overview" viewBox="0 0 16 16"><path d="M2.5 2.5h4.5v6h-4.5zM9 2.5h4.5v3.5H9zM9 8h4.5v5.5H9zM2.5 10.5h4.5v3h-4.5z" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-pipelines" viewBox="0 0 16 16"><path d="M2 3h4v3.5H2zM10 9.5h4V13h-4zM2 9.5h4V13H2zM6 4.750h1.5a2 2 0 0 1 2 2v2.5a2 2 0 0 0 .5 1.5M6 11.250h4" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-runs" viewBox="0 0 16 16"><path d="M5 3.2v9.6L12.5 8z" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-backfills" viewBox="0 0 16 16"><path d="M13.5 8a5.5 5.5 0 1 1-1.7-4M13.5 1.5V4.5h-3M8 5v3l2 1.5" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-triage" viewBox="0 0 16 16"><path d="M2 9l2-5.5h8L14 9v4H2zM2 9h3.5a2.5 2.5 0 0 0 5 0H14" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-datasets" viewBox="0 0 16 16"><path d="M2.5 4c0-1.1 2.5-2 5.5-2s5.5.9 5.5 2-2.5 2-5.5 2-5.5-.9-5.5-2zM2.5 4v8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2V4M2.5 8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-lineage" viewBox="0 0 16 16"><path d="M1.5 6.5h3v3h-3zM11.5 2h3v3h-3zM11.5 11h3v3h-3zM4.5 8h2.5c2 0 1.5-4.5 4.5-4.5M7 8c2 0 1.5 4.5 4.5 4.5" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-quality" viewBox="0 0 16 16"><path d="M8 1.8 13.5 4v4c0 3.2-2.3 5.3-5.5 6.4C4.8 13.3 2.5 11.2 2.5 8V4zM5.6 8l1.7 1.7 3.2-3.4" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-freshness" viewBox="0 0 16 16"><path d="M8 14.2A5.2 5.2 0 1 0 8 3.8a5.2 5.2 0 0 0 0 10.4zM8 6.3V9l1.8 1.2M6.3 1.5h3.4" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-query" viewBox="0 0 16 16"><path d="M2 3h12v10H2zM4.5 6l2 2-2 2M8 10h3" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-admin" viewBox="0 0 16 16"><path d="M2 4.5h7M12.5 4.5H14M2 11.5h1.5M7 11.5h7M9 4.5a1.750 1.750 0 1 0 3.5 0 1.750 1.750 0 0 0-3.5 0zM3.5 11.5a1.750 1.750 0 1 0 3.5 0 1.750 1.750 0 0 0-3.5 0z" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-search" viewBox="0 0 16 16"><path d="M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5 14 14" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-chev" viewBox="0 0 16 16"><path d="M4.5 6.5 8 10l3.5-3.5" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-right" viewBox="0 0 16 16"><path d="M6.5 4.5 10 8l-3.5 3.5" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-up" viewBox="0 0 16 16"><path d="M8 13V3.5M4 7.5l4-4 4 4" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-down" viewBox="0 0 16 16"><path d="M8 3v9.5M4 8.5l4 4 4-4" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-arrow" viewBox="0 0 16 16"><path d="M3 8h9.5M9 4.5 12.5 8 9 11.5" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-pause" viewBox="0 0 16 16"><path d="M5.5 3.5v9M10.5 3.5v9" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-plus" viewBox="0 0 16 16"><path d="M8 3v10M3 8h10" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-minus" viewBox="0 0 16 16"><path d="M3 8h10" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-x" viewBox="0 0 16 16"><path d="M4 4l8 8M12 4l-8 8" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-more" viewBox="0 0 16 16"><g fill="currentColor"><circle cx="3.5" cy="8" r="1.2"/><circle cx="8" cy="8" r="1.2"/><circle cx="12.5" cy="8" r="1.2"/></g></symbol>
<symbol id="i-theme" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="1.4"/><path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor"/></symbol>
<symbol id="i-fit" viewBox="0 0 16 16"><path d="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-copy" viewBox="0 0 16 16"><path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-dl" viewBox="0 0 16 16"><path d="M8 2.5v7.5M4.5 7 8 10.5 11.5 7M2.5 13.5h11" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-link" viewBox="0 0 16 16"><path d="M6.5 9.5l3-3M7 4.5 8.5 3a3 3 0 0 1 4.5 4.3L11.5 9M9 11.5 7.5 13A3 3 0 0 1 3 8.7L4.5 7" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-wrap" viewBox="0 0 16 16"><path d="M2.5 4h11M2.5 8h9a2 2 0 0 1 0 4H8M9.5 10.5 8 12l1.5 1.5M2.5 12h2" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-user" viewBox="0 0 16 16"><path d="M8 8a2.750 2.750 0 1 0 0-5.5A2.750 2.750 0 0 0 8 8zM2.8 13.8c.6-2.5 2.7-3.8 5.2-3.8s4.6 1.3 5.2 3.8" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-check" viewBox="0 0 16 16"><path d="M3 8.5 6.5 12 13 4.5" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-bell" viewBox="0 0 16 16"><path d="M8 1.9a4 4 0 0 0-4 4c0 3.6-1.4 4.6-1.4 5.6h10.8c0-1-1.4-2-1.4-5.6a4 4 0 0 0-4-4zM6.6 13.7c.2.5.7.8 1.4.8s1.2-.3 1.4-.8" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-snooze" viewBox="0 0 16 16"><path d="M3 3.5h5L3 10h5M10 8h3.5L10 12.5h3.5" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-book" viewBox="0 0 16 16"><path d="M8 4C6.5 2.8 4.5 2.5 2 2.5v10c2.5 0 4.5.3 6 1.5 1.5-1.2 3.5-1.5 6-1.5v-10c-2.5 0-4.5.3-6 1.5zM8 4v10" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-cal" viewBox="0 0 16 16"><path d="M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 2v2.5M10.5 2v2.5" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-group" viewBox="0 0 16 16"><path d="M2.5 4.5h11v9h-11zM4.5 2.5h7" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-key" viewBox="0 0 16 16"><path d="M9.5 9.5a3.5 3.5 0 1 0-3-3L2.5 10.5v3h3v-2h2z" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-lock" viewBox="0 0 16 16"><path d="M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-menu" viewBox="0 0 16 16"><path d="M2.5 4h11M2.5 8h11M2.5 12h11" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-filter" viewBox="0 0 16 16"><path d="M2.5 3.5h11L9.5 8.5V13l-3-1.500V8.500z" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-info" viewBox="0 0 16 16"><path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.5V11M8 5v.1" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-file" viewBox="0 0 16 16"><path d="M4 2h5l3.500 3.500V14H4zM9 2v3.500h3.500" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-retry" viewBox="0 0 16 16"><path d="M13 8a5 5 0 1 1-1.500-3.600M13 2v3h-3" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-stop" viewBox="0 0 16 16"><path d="M4 4h8v8H4z" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-clock" viewBox="0 0 16 16"><path d="M8 13.500A5.500 5.500 0 1 0 8 2.500a5.500 5.500 0 0 0 0 11zM8 5v3.200l2 1.300" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-external" viewBox="0 0 16 16"><path d="M9 2.500h4.500V7M13.500 2.500 7.500 8.500M11.500 9.500v4h-9v-9h4" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-play" viewBox="0 0 16 16"><path d="M5 3.2v9.6L12.5 8z" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-terminal" viewBox="0 0 16 16"><path d="M2 3h12v10H2zM4.500 6l2 2-2 2M8.500 10H11" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
`
