// What can be done, by key and by pointer alike.
function refresh() {
  arrange();
  drawList();
  if (drawn !== paneKey()) drawPane();
  const many = chosen.size;
  $("chosen").textContent = many ? `${many.toLocaleString("en")} selected` : "";
  $("restore").disabled = !prunings.length;
  const hidden = prunings.reduce((total, nodes) => total + nodes.reduce((sum, i) => sum + end[i] - i, 0), 0);
  $("facts").textContent = FACTS + (hidden ? ` · ${count(hidden, "node")} pruned from view` : "");
}

// Take a node in hand: it is unfolded to and scrolled to.
function go(i) {
  if (i === undefined || i < 0) return;
  unfoldTo(i);
  if (state.only && !near[i]) { state.only = false; $("only").checked = false; }
  state.cursor = i;
  state.from = 0;
  refresh();
  scrollToRow(rowOf(i));
  drawList();
}

function goRow(place) {
  if (length) go(rows[Math.max(0, Math.min(length - 1, place))]);
}

function firstBelow(i) {
  for (let j = i + 1; j < end[i]; j = end[j]) if (!pruned[j]) return j;
  return -1;
}

function fold(i, on = !folded[i]) {
  if (!kids[i]) return;
  folded[i] = on ? 1 : 0;
  if (on && state.cursor > i && state.cursor < end[i]) state.cursor = i;
  refresh();
}

// Everything, but the way to the first branching stays open.
function foldAll(on) {
  folded.fill(0);
  if (on) {
    for (let i = 0; i < size; i++) folded[i] = kids[i] && (data.parent[i] < 0 ? roots > 1 : kids[data.parent[i]] > 1) ? 1 : 0;
    for (let j = state.cursor; j >= 0; j = data.parent[j]) if (folded[j]) state.cursor = j;
  }
  refresh();
  scrollToRow(rowOf(state.cursor));
  drawList();
}

function left(i) {
  if (kids[i] && !folded[i]) fold(i, true); else go(data.parent[i]);
}

function right(i) {
  if (folded[i]) fold(i, false); else go(firstBelow(i));
}

function toSibling(sign) {
  const beside = siblings(state.cursor).filter((i) => !pruned[i]);
  go(beside[beside.indexOf(state.cursor) + sign]);
}

function choose(i) {
  if (chosen.has(i)) chosen.delete(i); else chosen.add(i);
  refresh();
}

// What is selected, or the node in hand, goes out of sight with all below; the file is not touched.
function prune() {
  if (state.cursor < 0) return;
  const wanted = (chosen.size ? [...chosen] : [state.cursor]).filter((i) => !isPruned(i)).sort((a, b) => a - b);
  const tops = [];
  for (const i of wanted) if (!tops.length || i >= end[tops[tops.length - 1]]) tops.push(i);
  if (!tops.length) return;
  for (const i of tops) pruned[i] = 1;
  prunings.push(tops);
  chosen.clear();
  if (isPruned(state.cursor)) state.cursor = stayingNear(state.cursor);
  refresh();
  scrollToRow(rowOf(state.cursor));
  drawList();
}

// The next sibling of what went, else what is above it, else any that is left.
function stayingNear(i) {
  let top = i;
  for (let j = i; j >= 0; j = data.parent[j]) if (pruned[j]) top = j;
  const beside = siblings(top), place = beside.indexOf(top);
  for (const other of [...beside.slice(place), ...beside.slice(0, place).reverse()]) if (!pruned[other]) return other;
  return data.parent[top];
}

function restore() {
  const tops = prunings.pop();
  if (!tops) return;
  for (const i of tops) pruned[i] = 0;
  go(tops[0]);
}

// Ids of what is selected, else of what was pruned, else of the node in hand, to be taken elsewhere.
function showIds() {
  const kind = chosen.size ? "Selected" : prunings.length ? "Pruned" : "The node in hand";
  const nodes = chosen.size ? [...chosen].sort((a, b) => a - b) : prunings.length ? prunings.flat() : [state.cursor];
  $("ids-note").textContent = `${kind}: ${count(nodes.length, "node")}.`;
  $("ids-text").value = nodes.map((i) => data.id[i]).join("\n");
  $("ids").showModal();
  $("ids-text").select();
}

function showKeys() {
  $("help").showModal();
  $("help-title").focus(); // not the button at the end, to which a small screen would scroll
}

function copyIds() {
  $("ids-text").select();
  const done = () => { $("ids-note").textContent = "Copied."; };
  if (navigator.clipboard) navigator.clipboard.writeText($("ids-text").value).then(done, () => document.execCommand("copy") && done());
  else if (document.execCommand("copy")) done();
}

function show(tab) {
  state.tab = tab;
  drawPane();
}

const THEMES = ["", "dark", "light"];

function nextTheme() {
  const root = document.documentElement, next = THEMES[(THEMES.indexOf(root.dataset.theme || "") + 1) % 3];
  if (next) root.dataset.theme = next; else delete root.dataset.theme;
  $("theme").textContent = next ? `Theme: ${next}` : "Theme";
}
