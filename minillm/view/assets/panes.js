// The three ways to read: the thread to the node in hand, nodes side by side, the bill.
const pane = $("pane");
const AT_ONCE = 40, COLUMNS = 6;

let drawn = "";

// What the pane shows depends on; as long as it is the same, what a reader opened there stays open.
function paneKey() {
  const about = [state.tab, state.cursor, state.pattern ? state.pattern.source : "", state.from, state.differ];
  return [...about, ...(state.tab === "compare" ? [prunings.length, ...chosen] : [])].join("\n");
}

function drawPane() {
  drawn = paneKey();
  pane.replaceChildren();
  if (state.cursor < 0) { pane.append(el("p", "dim", "Everything is pruned.")); return; }
  PANES[state.tab]();
  for (const name of ["thread", "compare", "bill"]) $(`tab-${name}`).setAttribute("aria-selected", String(name === state.tab));
}

const PANES = { thread: drawThread, compare: drawCompare, bill: drawBill };

function drawThread() {
  const nodes = path(state.cursor);
  let from = Math.max(0, nodes.length - AT_ONCE);
  const earlier = el("button", "more");
  const label = () => { earlier.hidden = from === 0; earlier.textContent = `Show earlier (${count(from, "message")} above)`; };
  earlier.addEventListener("click", () => {
    const to = from;
    from = Math.max(0, from - AT_ONCE);
    earlier.after(...nodes.slice(from, to).map((i) => card(i)));
    label();
  });
  label();
  pane.append(earlier, ...nodes.slice(from).map((i) => card(i)));
  if (!kids[state.cursor]) return scrollToCard();
  const below = el("p", "dim", `${count(kids[state.cursor], "answer")} below. `);
  const on = el("button", "", "Go on ↓");
  on.addEventListener("click", () => go(firstBelow(state.cursor)));
  below.append(on);
  pane.append(below);
  scrollToCard();
}

function scrollToCard() {
  const here = pane.querySelector(".card.here");
  pane.scrollTop = here ? Math.max(0, here.offsetTop - pane.offsetTop - 12) : 0;
}

// Those that are selected; else the nearest that stand side by side, upwards from the node in hand.
function compareSet() {
  const selected = [...chosen].filter((i) => !isPruned(i)).sort((a, b) => a - b);
  if (selected.length > 1) return selected;
  for (let i = state.cursor; i >= 0; i = data.parent[i]) {
    if (data.parent[i] >= 0 && kids[data.parent[i]] > 1) return siblings(i).filter((j) => !pruned[j]);
  }
  return [state.cursor];
}

function drawCompare() {
  const nodes = compareSet(), picked = chosen.size > 1;
  const strip = el("div", "strip");
  state.from = Math.max(0, Math.min(state.from, nodes.length - 1));
  const turn = (sign, step) => {
    const button = el("button", "", sign);
    button.disabled = step < 0 ? state.from === 0 : state.from + COLUMNS >= nodes.length;
    button.addEventListener("click", () => { state.from = Math.max(0, state.from + step); drawPane(); });
    return button;
  };
  strip.append(el("strong", "", picked ? count(nodes.length, "selected node") : count(nodes.length, "sibling")));
  if (nodes.length > COLUMNS) {
    strip.append(turn("‹", -COLUMNS), `${state.from + 1} to ${Math.min(nodes.length, state.from + COLUMNS)}`, turn("›", COLUMNS));
  }
  const label = el("label"), box = document.createElement("input");
  box.type = "checkbox";
  box.id = "differ";
  box.checked = state.differ;
  box.addEventListener("change", () => { state.differ = box.checked; drawPane(); });
  label.append(box, " differences from the first");
  strip.append(label);
  if (!picked && nodes.length < 2) strip.append(el("span", "dim", "Select nodes in the tree to compare others."));
  const columns = el("div", "columns");
  for (const i of nodes.slice(state.from, state.from + COLUMNS)) {
    const made = card(i, state.differ ? nodes[0] : -1);
    made.addEventListener("dblclick", () => go(i));
    columns.append(made);
  }
  pane.append(strip, columns);
  pane.scrollTop = 0;
}

function table(columns, lines) {
  const made = el("table"), top = el("tr");
  columns.forEach((name, place) => top.append(el("th", place > 1 ? "number" : "", name)));
  made.append(top);
  for (const line of lines) {
    const row = el("tr");
    line.forEach((words, place) => row.append(el("td", place > 1 ? "number" : "", words)));
    made.append(row);
  }
  const scroll = el("div", "scroll");
  scroll.append(made);
  return scroll;
}

const tokens = (number) => (number === null ? "?" : number.toLocaleString("en"));
const shareWords = (share) => sumWords(Number(share.usd ?? share.known), share.usd === null, share.why);

function drawBill() {
  const bill = data.bill, i = state.cursor, way = path(i);
  pane.append(el("h2", "", bill.calls ? `${count(bill.calls, "exchange")}, ${shareWords(bill)}` : "No exchange with a model is on the bill."));
  if (!bill.calls) return;
  pane.append(table(["model", "host", "calls", "tokens in", "out", "cost"],
    bill.models.map((each) => [each.model, each.host, count(each.calls, "call").split(" ")[0], tokens(each.in), tokens(each.out), shareWords(each)])));
  pane.append(el("h3", "", "The node in hand"));
  const sum = (from, to) => sumWords(known[to] - known[from], unknown[to] - unknown[from]);
  let onWay = 0, unknownOnWay = 0;
  for (const j of way) { onWay += known[j + 1] - known[j]; unknownOnWay += unknown[j + 1] - unknown[j]; }
  pane.append(table(["", "", "cost"], [
    ["itself", "", costWords(about(i)) || "nothing"],
    ["with all below", count(end[i] - i, "node"), sum(i, end[i])],
    ["the way to it", count(way.length, "node"), sumWords(onWay, unknownOnWay)],
  ]));
  const beside = siblings(i);
  if (beside.length < 2) return;
  pane.append(el("h3", "", "It and its siblings, with all below"));
  pane.append(table(["", "", "nodes", "cost"], beside.slice(0, 200).map((j) =>
    [roleOf(j), snippet(j).slice(0, 60), (end[j] - j).toLocaleString("en"), sum(j, end[j])])));
}
