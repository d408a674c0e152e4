// Lists of cards that mouse, touch and arrow keys choose from.

const ORDERS = {
  drawn: () => 0,
  near: (a, b) => a.distance - b.distance,
  far: (a, b) => b.distance - a.distance,
  many: (a, b) => b.betti[0] - a.betti[0],
  few: (a, b) => (a.betti[0] || Infinity) - (b.betti[0] || Infinity), // empty ones are last in both
};

function count(number, one, many) {
  return `${number || "no"} ${number === 1 ? one : many}`;
}

/** "2 pieces, 1 handle, no cavities" */
function describeBetti(betti) {
  if (betti[0] === 0) return "empty: nothing is inside";
  return DEGREES.map(({ one, many }, k) => count(betti[k], one, many)).join(", ");
}

function shortBetti(betti) {
  if (betti[0] === 0) return "empty";
  const pieces = count(betti[0], "piece", "pieces");
  const more = [1, 2].filter((k) => betti[k]);
  return [pieces, ...more.map((k) => count(betti[k], DEGREES[k].one, DEGREES[k].many))].join(", ");
}

/** Distances as in the tables, times 100. */
function showDistance(distance) {
  return (100 * distance).toFixed(2);
}

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function picture(source, size = 220) {
  const attributes = { src: source, alt: "", width: size, height: size, loading: "lazy" };
  return element("img", { ...attributes, decoding: "async" });
}

function shapeCard(shape, colour) {
  const loose = shape.betti[0] === 1 ? "" : "loose";
  const lines = { betti: shortBetti(shape.betti) };
  if (shape.nearest) lines.distance = `PD distance ${showDistance(shape.distance)}`;
  return card(loose, picture(shape.picture), `${shape.category} ${shape.name}`, shape.method, colour, lines);
}

function walkCard(walk, colour) {
  const strip = element("span", { class: "strip" });
  strip.append(...walk.frames.filter((frame) => frame.picture).map((frame) => picture(frame.picture)));
  const numbers = walk.frames.map((frame) => frame.betti[0]);
  const lines = { betti: `pieces: ${Math.min(...numbers)} to ${Math.max(...numbers)}` };
  const label = `${walk.category}, from ${walk.ends[0]} to ${walk.ends[1]}`;
  return card("walk", strip, label, walk.method, colour, lines);
}

/** A button of a picture and lines of text; `lines` are by class. */
function card(kind, shown, label, method, colour, lines) {
  const name = [label, method, ...Object.values(lines)].join(", ");
  const made = element("button", { type: "button", class: `card ${kind}`, "aria-label": name });
  made.append(shown, element("span", { class: "label" }, label), methodName(method, colour));
  made.append(...Object.entries(lines).map(([type, text]) => element("span", { class: type }, text)));
  return made;
}

function methodName(method, colour) {
  return element("span", { class: "method", style: `--method: ${colour}` }, method);
}

/** One stop for the Tab key; arrows go from card to card and choose. */
function withArrows(list, choose) {
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest(".card");
    if (chosen) choose(chosen);
  });
  list.addEventListener("keydown", (event) => {
    const cards = [...list.querySelectorAll(".card")];
    const here = cards.indexOf(document.activeElement);
    const columns = cards.filter((card) => card.offsetTop === cards[0].offsetTop).length;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    const goal = { Home: 0, End: cards.length - 1 }[event.key] ?? here + step;
    if (here < 0 || Number.isNaN(goal)) return;
    event.preventDefault();
    if (!cards[goal]) return;
    cards[goal].focus();
    choose(cards[goal]);
  });
}

/** Mark the chosen card, or let Tab stop at the first one. */
function markChosen(list, chosen) {
  const cards = [...list.querySelectorAll(".card")];
  for (const each of cards) {
    each.tabIndex = each === (chosen ?? cards[0]) ? 0 : -1;
    if (each === chosen) each.setAttribute("aria-current", "true");
    else each.removeAttribute("aria-current");
  }
  if (chosen && !cards.includes(chosen) && cards.length) cards[0].tabIndex = 0;
}
