// Searching a slice at a time, so that the page answers meanwhile.
const SLICE = 12; // milliseconds
let run = 0, found = [], at = -1;

function patternOf(text) {
  if (!text.trim()) return null;
  return new RegExp(text.replace(/[.*+?^${}()|[\]\\\/-]/g, (sign) => (sign === "-" || sign === "/" ? sign : `\\${sign}`)), "gi");
}

function search(text) {
  const mine = ++run, wanted = text.trim();
  state.pattern = patternOf(text);
  found = [];
  at = -1;
  hit.fill(0);
  near.fill(0);
  $("found").textContent = state.pattern ? "…" : "";
  let i = 0;
  const slice = () => {
    if (mine !== run) return;
    const until = performance.now() + SLICE;
    while (i < size && performance.now() < until) {
      for (const stop = Math.min(size, i + 500); i < stop; i++) if (fits(i, state.pattern, wanted)) keep(i);
    }
    if (i < size) { setTimeout(slice); return; }
    finish();
  };
  if (state.pattern) slice(); else finish();
}

function keep(i) {
  found.push(i);
  hit[i] = 1;
  for (let j = i; j >= 0 && !near[j]; j = data.parent[j]) near[j] = 1;
}

function finish() {
  tellFound();
  $("found-before").disabled = $("found-after").disabled = !found.length;
  if (state.only && !state.pattern) { state.only = false; $("only").checked = false; }
  refresh();
}

function tellFound() {
  $("found").textContent = !state.pattern ? "" : !found.length ? "nothing found"
    : at < 0 ? `${found.length.toLocaleString("en")} found` : `${(at + 1).toLocaleString("en")} of ${found.length.toLocaleString("en")}`;
}

// To the next match after the node in hand that is not pruned, around the end.
function step(sign) {
  if (!found.length) return;
  let next = at >= 0 && found[at] === state.cursor ? at + sign
    : sign > 0 ? found.findIndex((i) => i > state.cursor) : found.findLastIndex((i) => i < state.cursor);
  if (next < 0 && at < 0 && sign > 0) next = 0;
  for (let tries = 0; tries < found.length; tries++, next += sign) {
    next = (next + found.length) % found.length;
    if (isPruned(found[next])) continue;
    at = next;
    tellFound();
    return go(found[at]);
  }
}
