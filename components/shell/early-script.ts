/**
 * Runs in the head: asks for the data of the screen while its code is still being loaded, so that both arrive together.
 * The addresses must be those that the queries ask for, or the answer is fetched twice; `early-script.test.ts` and the
 * browser's warning about unused preloads say so. Screens narrowed by a query string are left alone, and so is the
 * overview, which comes with its data.
 */
export const EARLY_SCRIPT = `(()=>{const p=location.pathname,l={"/pipelines":"pipelines?limit=500","/runs":"runs?limit=150","/datasets":"datasets?limit=500","/backfills":"backfills?limit=200"}[p],m=/^\\/(pipelines|runs|datasets|backfills)\\/([^/]+)$/.exec(p),u=l?location.search?"":l:m&&m[2]!=="new"?m[1]+"/"+m[2]:"";if(!u)return;const e=document.createElement("link");e.rel="preload";e.as="fetch";e.crossOrigin="anonymous";e.href="/api/v1/"+u;document.head.append(e)})()`
