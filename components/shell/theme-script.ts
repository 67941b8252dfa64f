/** Where the pick is kept in the browser. */
export const THEME_KEY = "headrace.theme"

/**
 * Runs in the head before the first paint, so that no other theme flashes. Kept as text: it must not wait for a bundle.
 * It follows the system's setting while the person has picked none.
 */
export const THEME_SCRIPT = `(()=>{const q=matchMedia("(prefers-color-scheme: dark)");const set=()=>{let t=null;try{t=localStorage.getItem("${THEME_KEY}")}catch{}document.documentElement.dataset.theme=t==="light"||t==="dark"?t:q.matches?"dark":"light"};set();q.addEventListener("change",set);addEventListener("storage",set);addEventListener("headrace:theme",set)})()`
