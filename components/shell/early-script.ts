/**
 * Runs in the head: asks for the data of the screen while its code is still being loaded, so that both arrive together.
 * The addresses must be those that the queries ask for, or the answer is fetched twice; `early-script.test.ts` and the
 * browser's warning about unused preloads say so. Lists narrowed by a query string are left alone, and so is the overview,
 * which comes with its data.
 */
export const EARLY_SCRIPT = `(()=>{
const p=location.pathname,
lists={"/pipelines":"pipelines?limit=500","/runs":"runs?limit=150","/datasets":"datasets?limit=500","/backfills":"backfills?limit=200"},
always={"/alerts":["alerts/rules","alerts/routes","alerts/channels","alerts/maintenance"]},
one=/^\\/(pipelines|runs|datasets|backfills)\\/([^/]+)$/.exec(p);
let urls=always[p]||[];
if(lists[p])urls=location.search?[]:[lists[p]];
else if(p==="/lineage")urls=/[?&]around=/.test(location.search)?[]:["lineage"];
else if(one&&one[2]!=="new")urls=[one[1]+"/"+one[2]];
for(const u of urls){const e=document.createElement("link");e.rel="preload";e.as="fetch";e.crossOrigin="anonymous";e.href="/api/v1/"+u;document.head.append(e)}
})()`
