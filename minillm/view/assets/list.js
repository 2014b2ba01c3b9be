// The list of rows: only those in sight are elements, however many there are.
const ROW = 26, MOST_PIXELS = 8e6; // browsers end at some 17 million pixels
const list = $("list"), space = $("space"), pool = [];

function scale() {
  const height = length * ROW, room = list.clientHeight;
  if (height <= MOST_PIXELS) return 1;
  return (height - room) / (MOST_PIXELS - room);
}

function makeRow() {
  const row = el("div", "row");
  row.setAttribute("role", "treeitem");
  row.fold = el("button", "fold");
  row.fold.tabIndex = -1;
  row.fold.setAttribute("aria-hidden", "true");
  row.box = document.createElement("input");
  row.box.type = "checkbox";
  row.box.tabIndex = -1;
  row.box.setAttribute("aria-label", "Select");
  row.place = el("span", "place");
  row.who = el("span", "role");
  row.words = el("bdi", "words");
  row.words.dir = "auto";
  row.score = el("span", "score");
  row.figure = el("span", "figure");
  row.append(row.fold, row.box, row.place, row.who, row.words, row.score, row.figure);
  space.append(row);
  return row;
}

const KNOWN_ROLES = new Set(["system", "developer", "user", "assistant", "tool"]);
const MOST_INDENT = 16;

function fillRow(row, i, top) {
  const said = about(i), role = roleOf(i), isFolded = folded[i] && !state.only;
  row.node = i;
  row.id = `row-${i}`;
  row.hidden = false;
  row.style.top = `${top}px`;
  row.style.paddingInlineStart = `${4 + Math.min(level[i], MOST_INDENT) * 14}px`;
  row.className = `row${i === state.cursor ? " here" : ""}${hit[i] ? " hit" : ""}`;
  row.fold.textContent = kids[i] ? (isFolded ? "▸" : "▾") : "";
  row.box.checked = chosen.has(i);
  const all = data.parent[i] < 0 ? 1 : kids[data.parent[i]];
  row.place.hidden = all < 2;
  row.place.textContent = all < 2 ? "" : `${place[i]}/${all}`;
  row.who.className = KNOWN_ROLES.has(role) ? `role ${role}` : "role";
  row.who.textContent = shown(role);
  row.words.textContent = shown(snippet(i));
  row.score.hidden = said.score === undefined && !(said.labels && said.labels.length);
  row.score.textContent = row.score.hidden ? "" : shown([said.score ?? "", ...(said.labels || [])].filter((each) => each !== "").join(" "));
  row.figure.textContent = isFolded
    ? `with ${(end[i] - i - 1).toLocaleString("en")} below · ${sumWords(known[end[i]] - known[i], unknown[end[i]] - unknown[i])}`
    : costWords(said);
  row.setAttribute("aria-level", String(depth[i] + 1));
  row.setAttribute("aria-selected", String(chosen.has(i)));
  if (kids[i]) row.setAttribute("aria-expanded", String(!isFolded)); else row.removeAttribute("aria-expanded");
}

function drawList() {
  const factor = scale(), room = list.clientHeight;
  space.style.height = `${Math.min(length * ROW, MOST_PIXELS)}px`;
  const offset = list.scrollTop * factor, first = Math.max(0, Math.floor(offset / ROW) - 4);
  const wanted = Math.min(length - first, Math.ceil(room / ROW) + 9);
  while (pool.length < wanted) pool.push(makeRow());
  for (let k = 0; k < pool.length; k++) {
    if (k < wanted) fillRow(pool[k], rows[first + k], (first + k) * ROW - offset + list.scrollTop);
    else { pool[k].hidden = true; pool[k].removeAttribute("id"); }
  }
  list.setAttribute("aria-activedescendant", `row-${state.cursor}`);
}

function scrollToRow(place) {
  const factor = scale(), room = list.clientHeight, offset = list.scrollTop * factor, top = place * ROW;
  if (top < offset) list.scrollTop = top / factor;
  else if (top + ROW > offset + room) list.scrollTop = (top + ROW - room) / factor;
}

let asked = 0;
list.addEventListener("scroll", () => {
  cancelAnimationFrame(asked);
  asked = requestAnimationFrame(drawList);
}, { passive: true });
new ResizeObserver(drawList).observe(list);
