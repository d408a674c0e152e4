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
  const loose = shape.betti[0] === 1 ? "" : " loose";
  const card = element("button", { type: "button", class: `card${loose}` });
  card.append(
    picture(shape.picture),
    element("span", { class: "label" }, `${shape.category} ${shape.name}`),
    methodName(shape.method, colour),
    element("span", { class: "betti" }, shortBetti(shape.betti)),
    element("span", { class: "distance" }, `PD distance ${showDistance(shape.distance)}`),
  );
  return card;
}

function walkCard(walk, colour) {
  const card = element("button", { type: "button", class: "card walk" });
  const strip = element("span", { class: "strip" });
  strip.append(...walk.frames.filter((f) => f.picture).map((f) => picture(f.picture)));
  const numbers = walk.frames.map((frame) => frame.betti[0]);
  card.append(
    strip,
    element("span", { class: "label" }, `${walk.category}, from ${walk.ends[0]} to ${walk.ends[1]}`),
    methodName(walk.method, colour),
    element("span", { class: "betti" }, `pieces: ${Math.min(...numbers)} to ${Math.max(...numbers)}`),
  );
  return card;
}

function methodName(method, colour) {
  return element("span", { class: "method", style: `--method: ${colour}` }, method);
}

/** One stop for the Tab key; arrows go from card to card and choose. */
function withArrows(list, choose) {
  list.addEventListener("click", (event) => {
    const card = event.target.closest(".card");
    if (card) choose(card);
  });
  list.addEventListener("keydown", (event) => {
    const cards = [...list.querySelectorAll(".card")];
    const here = cards.indexOf(document.activeElement);
    const columns = cards.filter((card) => card.offsetTop === cards[0].offsetTop).length;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    const goal = { Home: 0, End: cards.length - 1 }[event.key] ?? here + step;
    if (here < 0 || Number.isNaN(goal)) return;
    event.preventDefault();
    const card = cards[goal];
    if (!card) return;
    card.focus();
    choose(card);
  });
}

/** Mark the chosen card, or let Tab stop at the first one. */
function markChosen(list, chosen) {
  const cards = [...list.querySelectorAll(".card")];
  for (const card of cards) {
    card.tabIndex = card === (chosen ?? cards[0]) ? 0 : -1;
    if (card === chosen) card.setAttribute("aria-current", "true");
    else card.removeAttribute("aria-current");
  }
  if (chosen && !cards.includes(chosen) && cards.length) cards[0].tabIndex = 0;
}
