// The page: what is chosen, and how lists, viewer and diagram follow it.

const content = JSON.parse(document.getElementById("content").textContent);
const $$ = (id) => document.getElementById(id);
const state = { tab: "shapes", list: [], chosen: null, frame: 0, timer: null };
const viewer = startViewer();

content.shapes.forEach((shape) => {
  shape.card = shapeCard(shape, content.methods[shape.method]);
});
content.walks.forEach((walk) => {
  walk.card = walkCard(walk, content.methods[walk.method]);
  walk.paths = threadPaths(walk);
});
const ofCard = new Map([...content.shapes, ...content.walks].map((item) => [item.card, item]));

if (!Object.keys(content.tests).length) { // nothing to be near to
  document.querySelectorAll("[value=near], [value=far], .note").forEach((each) => each.remove());
}

function startViewer() {
  try {
    const made = new Viewer($$("canvas"));
    makeTurnable(made);
    return made;
  } catch (error) {
    if (error.message !== "no WebGL 2") throw error;
    return null; // pictures and diagrams remain, and `showMesh` says so
  }
}

/** The items of the open tab that pass the filters, in the chosen order. */
function refreshList() {
  const allowed = (name) => new Set([...$$("filters").querySelectorAll(`[name=${name}]:checked`)]
    .map((box) => box.value));
  const [categories, methods] = [allowed("category"), allowed("method")];
  const passing = content[state.tab].filter(
    (item) => categories.has(item.category) && methods.has(item.method),
  );
  state.list = state.tab === "shapes" ? passing.sort(ORDERS[$$("order").value]) : passing;
  $$("cards").replaceChildren(...state.list.map((item) => item.card));
  const kind = state.tab === "shapes" ? "shapes" : "interpolations";
  $$("found").textContent = state.list.length
    ? `${state.list.length} of ${content[state.tab].length} ${kind}`
    : `No ${kind} here: tick more categories or methods.`;
  $$("sorting").hidden = state.tab !== "shapes";
  markChosen($$("cards"), state.chosen?.card);
  enableSteps();
}

function choose(item, frame = 0) {
  stopPlaying();
  Object.assign(state, { chosen: item, frame });
  markChosen($$("cards"), item.card);
  $$("walking").hidden = !item.frames;
  if (item.frames) {
    $$("frame").max = item.frames.length - 1;
    $$("frame").value = frame;
    item.frames.forEach((frame) => loadMesh(frame.mesh)); // so that the slider need not wait
  }
  showSiblings(item);
  show();
  enableSteps();
}

/** Bring stage and diagram up to what is chosen. */
function show() {
  const item = state.chosen;
  const shape = item.frames ? item.frames[state.frame] : item;
  const what = item.frames ? `${item.ends[0]} to ${item.ends[1]}` : item.name;
  $$("name").textContent = `${item.category} ${what}`;
  $$("about").replaceChildren(methodName(item.method, content.methods[item.method]));
  $$("counts").replaceChildren(...DEGREES.map(({ one, many, colour }, k) => element(
    "li", { style: `--degree: ${colour}` },
    element("strong", {}, String(shape.betti[k])), shape.betti[k] === 1 ? one : many,
  )));
  $$("canvas").setAttribute("aria-label",
    `${item.category} ${shape.name} of ${item.method}: ${describeBetti(shape.betti)}`);
  if (item.frames) showWhere(item, shape);
  const test = item.nearest ? content.tests[item.category][item.nearest] : null;
  const shown = (item.frames ?? [shape]).map((each) => each.points).concat(test ? [test] : []);
  $$("loose").hidden = shape.betti[0] < 2;
  drawDiagram($$("diagram"), shape.points, diagramLimits(shown), test, item.paths);
  showLegend(shape, item);
  showMesh(shape);
}

function showWhere(item, shape) {
  const percent = Math.round((100 * state.frame) / (item.frames.length - 1));
  $$("where").textContent = `${percent} %`;
  $$("frame").setAttribute("aria-valuetext", `${percent} percent, ${describeBetti(shape.betti)}`);
}

function showLegend(shape, item) {
  const icon = (degree, colour, kind) =>
    `<svg viewBox="0 0 14 14" aria-hidden="true"><path class="${kind}" fill="${colour}" ` +
    `d="${degree.mark(7, 7, 4.5)}"/></svg>`;
  const lines = DEGREES.map((degree, k) => {
    const line = element("li");
    line.innerHTML = icon(degree, degree.colour, "mark");
    line.append(`${degree.name} ${degree.many}: ${shape.points[k].length / 2}`);
    return line;
  });
  if (!item.frames && !item.nearest) {
    $$("legend").replaceChildren(...lines);
    return;
  }
  const last = element("li");
  if (item.frames) {
    last.innerHTML = '<svg viewBox="0 0 14 14" aria-hidden="true"><path class="way" stroke="#66707d" d="M1,11L13,3"/></svg>';
    last.append("their way");
  } else {
    last.innerHTML = icon(DEGREES[0], "none", "test");
    last.append(`nearest ${content.compared}, ${item.nearest} (${showDistance(item.distance)})`);
  }
  $$("legend").replaceChildren(...lines, last);
}

async function showMesh(shape) {
  const empty = shape.betti[0] === 0;
  const message = empty ? "This shape is empty: its network says that no point is inside." : "";
  const blind = "This browser has no WebGL 2, so that shapes cannot be turned here.";
  $$("nothing").textContent = viewer ? message : blind;
  $$("nothing").hidden = Boolean(viewer) && !empty;
  if (!viewer) return;
  $$("canvas").ariaBusy = "true";
  const mesh = await loadMesh(shape.mesh);
  const item = state.chosen; // which may have changed meanwhile
  if ((item.frames ? item.frames[state.frame] : item) !== shape) return;
  viewer.setMesh(mesh);
  $$("canvas").ariaBusy = "false";
}

/** That number, or that way, of all methods, which mostly were given the same codes. */
function showSiblings(item) {
  const what = (each) => [each.category, ...(each.ends ?? [each.name])].join();
  const all = item.frames ? content.walks : content.shapes;
  const same = all.filter((other) => what(other) === what(item));
  const buttons = same.map((other) => {
    const button = element("button", { type: "button", title: other.method },
      picture(other.picture ?? other.frames.at(-1).picture, 64),
      methodName(other.method, content.methods[other.method]));
    if (other === item) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => {
      choose(other, state.frame);
      $$("siblings").querySelector("[aria-current]").focus();
    });
    return button;
  });
  $$("siblings").hidden = same.length < 2;
  $$("siblings").replaceChildren(
    element("p", {}, `${item.frames ? "This way" : `Number ${item.name}`} by every method:`), element("div", {}, ...buttons),
  );
}

function showFrame(number) {
  state.frame = number;
  $$("frame").value = number;
  show();
}

function stopPlaying() {
  clearInterval(state.timer);
  state.timer = null;
  $$("play").textContent = "Play";
  $$("play").setAttribute("aria-pressed", "false");
}

function togglePlaying() {
  if (state.timer) {
    stopPlaying();
    return;
  }
  const last = state.chosen.frames.length - 1;
  const forth = [...Array(last).keys()];
  const round = [...forth, last, ...forth.slice(1).reverse()];
  let place = state.frame;
  state.timer = setInterval(() => showFrame(round[++place % round.length]), 420);
  $$("play").textContent = "Stop";
  $$("play").setAttribute("aria-pressed", "true");
}

function step(by) {
  const next = state.list[state.list.indexOf(state.chosen) + by];
  if (!next) return;
  choose(next);
  next.card.scrollIntoView?.({ block: "nearest" });
}

function enableSteps() {
  const here = state.list.indexOf(state.chosen);
  $$("previous").disabled = here <= 0;
  $$("next").disabled = here === state.list.length - 1;
}

function openTab(tab) {
  state.tab = tab;
  for (const name of ["shapes", "walks"]) {
    $$(`tab-${name}`).setAttribute("aria-selected", String(name === tab));
    $$(`tab-${name}`).tabIndex = name === tab ? 0 : -1;
  }
  $$("cards").setAttribute("aria-labelledby", `tab-${tab}`);
  refreshList();
  if (state.list.length) choose(state.list[0]);
}

/** A box for each value; for more than two, a button that ticks all of them, or none. One value alone is no choice. */
function fillFilter(id, name, values) {
  $$(id).hidden = values.length < 2;
  for (const value of values) {
    const box = element("input", { type: "checkbox", name, value, checked: "" });
    const colour = content.methods[value] ?? "#66707d";
    $$(id).append(element("label", { style: `--method: ${colour}` }, box, element("span", {}, value)));
  }
  if (values.length < 3) return;
  const all = element("button", { type: "button", class: "all" }, "All or none");
  all.addEventListener("click", () => {
    const boxes = [...$$(id).querySelectorAll("input")];
    const tick = !boxes.every((box) => box.checked);
    boxes.forEach((box) => { box.checked = tick; });
    refreshList();
  });
  $$(id).append(all);
}

function listen() {
  withArrows($$("cards"), (card) => choose(ofCard.get(card)));
  $$("cards").addEventListener("click", () => {
    const outOfSight = $$("canvas").getBoundingClientRect().bottom < 100; // in one column, above
    if (outOfSight) $$("stage").scrollIntoView({ block: "start" });
  });
  $$("filters").addEventListener("change", refreshList);
  $$("filters").addEventListener("submit", (event) => event.preventDefault());
  $$("frame").addEventListener("input", (event) => {
    stopPlaying();
    showFrame(Number(event.target.value));
  });
  $$("cut").addEventListener("input", (event) => {
    const share = Number(event.target.value) / 100;
    viewer?.setCut(share ? 1 - 2 * share : NO_CUT);
  });
  $$("play").addEventListener("click", togglePlaying);
  $$("previous").addEventListener("click", () => step(-1));
  $$("next").addEventListener("click", () => step(1));
  $$("reset").addEventListener("click", () => viewer && resetView(viewer));
  for (const tab of ["shapes", "walks"]) {
    $$(`tab-${tab}`).addEventListener("click", () => openTab(tab));
    $$(`tab-${tab}`).addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      const other = tab === "shapes" ? "walks" : "shapes";
      if ($$(`tab-${other}`).hidden) return;
      openTab(other);
      $$(`tab-${other}`).focus();
    });
  }
}

fillFilter("categories", "category", content.categories);
fillFilter("methods", "method", Object.keys(content.methods));
$$("tab-shapes").append(` (${content.shapes.length})`);
$$("tab-walks").append(` (${content.walks.length})`);
$$("tab-walks").hidden = content.walks.length === 0;
listen();
openTab("shapes");
document.documentElement.dataset.ready = "yes";
