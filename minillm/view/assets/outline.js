// The tree as arrays. Nodes stand in depth-first order: what is under node i is i+1 ... end[i]-1.
const end = new Int32Array(size), kids = new Int32Array(size), place = new Int32Array(size), level = new Int32Array(size), depth = new Int32Array(size);
const known = new Float64Array(size + 1), unknown = new Int32Array(size + 1); // sums of all nodes before
const folded = new Uint8Array(size), pruned = new Uint8Array(size), hit = new Uint8Array(size), near = new Uint8Array(size);
const chosen = new Set(), prunings = [];
const state = { cursor: data.selected, tab: "thread", pattern: null, only: false, from: 0, differ: true };

for (let i = 0; i < size; i++) {
  end[i] = i + 1;
  if (data.parent[i] >= 0) place[i] = ++kids[data.parent[i]];
}
for (let i = size - 1; i > 0; i--) {
  const up = data.parent[i];
  if (up >= 0 && end[i] > end[up]) end[up] = end[i];
}
const roots = data.parent.reduce((total, up) => total + (up < 0), 0);
for (let i = 0; i < size; i++) {
  const up = data.parent[i], said = about(i);
  depth[i] = up < 0 ? 0 : depth[up] + 1;
  // Only branching indents: a chain stays in its column, however long it is.
  level[i] = up < 0 ? 0 : level[up] + (kids[up] > 1 ? 1 : 0);
  known[i + 1] = known[i] + Number(said.usd ?? said.known ?? 0);
  unknown[i + 1] = unknown[i] + (said.usd === null ? 1 : 0);
}

function siblings(i) {
  const up = data.parent[i], found = [];
  for (let j = up + 1, stop = up < 0 ? size : end[up]; j < stop; j = end[j]) found.push(j);
  return found;
}

function path(i) {
  const found = [];
  for (let j = i; j >= 0; j = data.parent[j]) found.push(j);
  return found.reverse();
}

let rows = new Int32Array(size), length = 0;

// Which nodes have a row, from top to bottom.
function arrange() {
  length = 0;
  for (let i = 0; i < size; ) {
    if (pruned[i] || (state.only && !near[i])) { i = end[i]; continue; }
    rows[length++] = i;
    i = folded[i] && !state.only ? end[i] : i + 1;
  }
}

// Where a node's row is, or that of the nearest one above it.
function rowOf(i) {
  let low = 0, high = length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (rows[middle] <= i) low = middle; else high = middle - 1;
  }
  return low;
}

function unfoldTo(i) {
  for (let j = data.parent[i]; j >= 0; j = data.parent[j]) folded[j] = 0;
}

// Whether a node or something above it is out of sight by pruning.
function isPruned(i) {
  for (let j = i; j >= 0; j = data.parent[j]) if (pruned[j]) return true;
  return false;
}
