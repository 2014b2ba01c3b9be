// The keyboard, the pointer, and the beginning.
const page = () => Math.max(1, Math.floor(list.clientHeight / ROW) - 1);
const KEYS = [
  [["ArrowDown", "j"], "↓ j", "next row", () => goRow(rowOf(state.cursor) + 1)],
  [["ArrowUp", "k"], "↑ k", "row before", () => goRow(rowOf(state.cursor) - 1)],
  [["ArrowLeft", "h"], "← h", "fold, or to the node above", () => left(state.cursor)],
  [["ArrowRight", "l"], "→ l", "unfold, or to the first below", () => right(state.cursor)],
  [["Enter"], "Enter", "fold or unfold", () => fold(state.cursor)],
  [["PageDown"], "PgDn", "a page down", () => goRow(rowOf(state.cursor) + page())],
  [["PageUp"], "PgUp", "a page up", () => goRow(rowOf(state.cursor) - page())],
  [["Home"], "Home", "to the top", () => goRow(0)],
  [["End"], "End", "to the end", () => goRow(length - 1)],
  [["["], "[", "sibling before", () => toSibling(-1)],
  [["]"], "]", "next sibling", () => toSibling(1)],
  [["E"], "E", "fold all", () => foldAll(true)],
  [["e"], "e", "unfold all", () => foldAll(false)],
  [["/"], "/", "search", () => { $("query").focus(); $("query").select(); }],
  [["n"], "n", "next match", () => step(1)],
  [["N"], "N", "match before", () => step(-1)],
  [["x", " "], "x Space", "select", () => choose(state.cursor)],
  [["d", "Delete"], "d Del", "prune from view: what is selected, else the node in hand", prune],
  [["u"], "u", "undo the last prune", restore],
  [["c"], "c", "ids: of what is selected, pruned, or in hand", showIds],
  [["t"], "t", "thread", () => show("thread")],
  [["s"], "s", "side by side: siblings, or what is selected", () => show("compare")],
  [["f"], "f", "differences on or off", () => { state.differ = !state.differ; show("compare"); }],
  [["b"], "b", "bill", () => show("bill")],
  [["m"], "m", "light, dark, or as the system", nextTheme],
  [["?"], "?", "these keys", showKeys],
  [["Escape"], "Esc", "leave the search; forget the selection", () => { chosen.clear(); refresh(); }],
];
const BY_KEY = new Map(KEYS.flatMap(([keys, , , run]) => keys.map((key) => [key, run])));
const FROM_SEARCH = new Set(["Enter", "Escape", "ArrowDown"]);

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const target = event.target;
  if (target === $("query")) {
    if (!FROM_SEARCH.has(event.key)) return;
    event.preventDefault();
    if (event.key === "Enter") step(event.shiftKey ? -1 : 1); else list.focus();
    return;
  }
  // A button or a summary that has the focus keeps its own keys.
  if ((event.key === "Enter" || event.key === " ") && target.closest("button, summary, input, textarea")) return;
  const run = BY_KEY.get(event.key);
  if (!run || state.cursor < 0 && run !== restore) return;
  event.preventDefault();
  run();
}

const CLICKS = { "found-before": () => step(-1), "found-after": () => step(1), theme: nextTheme, ask: showKeys,
  "fold-all": () => foldAll(true), "unfold-all": () => foldAll(false), prune, restore, copy: showIds, "ids-copy": copyIds,
  "tab-thread": () => show("thread"), "tab-compare": () => show("compare"), "tab-bill": () => show("bill") };

function facts() {
  let leaves = 0, deepest = 0;
  for (let i = 0; i < size; i++) { if (!kids[i]) leaves++; if (depth[i] > deepest) deepest = depth[i]; }
  const told = [count(size, "node"), leaves > 1 ? `${leaves.toLocaleString("en")} leaves` : "", roots > 1 ? count(roots, "conversation") : "",
    `${count(deepest + 1, "level")}`, data.bill.calls ? `${count(data.bill.calls, "exchange")}, ${shareWords(data.bill)}` : "",
    data.lost ? `${count(data.lost, "thing")} of the file could not be kept` : ""];
  return told.filter(Boolean).join(" · ");
}

document.addEventListener("keydown", press);
for (const [id, run] of Object.entries(CLICKS)) $(id).addEventListener("click", run);
list.addEventListener("click", (event) => {
  const row = event.target.closest(".row");
  if (!row) return;
  if (event.target === row.box) choose(row.node);
  else if (event.target === row.fold) fold(row.node);
  else if (event.ctrlKey || event.metaKey) choose(row.node);
  else go(row.node);
});
list.addEventListener("dblclick", (event) => {
  const row = event.target.closest(".row");
  if (row && event.target !== row.box && event.target !== row.fold) fold(row.node);
});
let typing = 0;
$("query").addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(() => search($("query").value), 120); });
$("only").addEventListener("change", () => { state.only = $("only").checked && Boolean(state.pattern); $("only").checked = state.only; refresh(); });
for (const [, keys, words] of KEYS) {
  const row = el("tr"), cell = el("td");
  keys.split(" ").forEach((key) => cell.append(el("kbd", "", key), " "));
  row.append(cell, el("td", "", words));
  $("key-table").append(row);
}
$("title").textContent = shown(data.title);
const FACTS = facts();
arrange();
go(state.cursor);
list.focus();
