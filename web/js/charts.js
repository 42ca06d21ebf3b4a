// The pictures, drawn from the rows of the CSV; titles say what is seen, axes carry units.
(function () {
  "use strict";
  const page = window.simsrv;
  const { $ } = page;

  const PERCENTILES = [
    ["response_p50_s", "p50", "blue", "none", "circle"],
    ["response_p95_s", "p95", "red", "6 3", "triangle"],
    ["response_p99_s", "p99", "green", "2 3", "square"],
  ];

  const width = (figure) => Math.max(280, Math.min(640, figure.querySelector("div").clientWidth || 560));
  const overloaded = (row) => row.stable === "no";
  /** Of a run that is too short nothing is shown. */
  const settled = (row) => !overloaded(row) && !row.cell.short;
  const told = (row, text) => (settled(row) ? text : row.cell.short ? "too short a run to say" : "overloaded");
  const label = (row) => row.cell.label;

  /** Puts a plot into its figure, with words for those who do not see it. */
  const show = (id, title, note, words, plot) => {
    const figure = $(id);
    figure.hidden = false;
    figure.setAttribute("aria-label", title);
    const caption = figure.querySelector("figcaption");
    caption.replaceChildren(title);
    if (note) caption.append(page.el("small", {}, note));
    const svg = plot(width(figure));
    const picture = svg.tagName === "FIGURE" ? svg.querySelector("svg:last-of-type") : svg;
    if (!picture.querySelector("[role=button]")) {
      picture.setAttribute("role", "img");
      picture.setAttribute("aria-label", title + ". " + words);
    }
    // Plot names the groups of its marks, which have no role that could have a name.
    for (const group of svg.querySelectorAll("g[aria-label]")) group.removeAttribute("aria-label");
    figure.querySelector("div").replaceChildren(svg);
  };
  page.hide = (id) => ($(id).hidden = true);

  const timeAxis = (values) => {
    const [least, most] = d3.extent(values.filter((value) => value > 0));
    const { unit, text } = page.seconds(most || 1);
    const type = most / least > 20 ? "log" : "linear";
    const axis = { type, label: `response time (${unit})`, tickFormat: text, grid: true, nice: type !== "log" };
    if (type === "linear") axis.domain = [0, most * 1.08];
    else axis.ticks = 5;
    return { axis, text, unit };
  };

  /** Names where lines end; those of lines that meet stand below each other. */
  const endLabels = (rows, x, axis) => {
    const last = rows.filter(settled).at(-1);
    if (!last) return [];
    const scale = axis.type === "log" ? Math.log : (value) => value;
    const [low, high] = axis.domain || d3.extent(times(rows).filter((value) => value > 0));
    const place = (value) => (220 * (scale(value) - scale(low || high / 1e3))) / (scale(high) - scale(low || high / 1e3) || 1);
    let below = Infinity;
    return [...PERCENTILES].reverse().map(([column, name, colour]) => {
      const at = Math.min(place(last[column]), below - 13);
      below = at;
      return Plot.text([last], { x, y: column, text: () => name, dx: 8, dy: place(last[column]) - at, textAnchor: "start", fill: page.colour(colour), fontWeight: 600, ...halo() });
    });
  };

  /** Lines of percentiles along x, with their intervals. */
  const percentileMarks = (rows, x, axis) => {
    const marks = [];
    for (const [column, name, colour, dash, symbol] of PERCENTILES) {
      const measured = (row) => settled(row) && typeof row[column] === "number";
      const points = rows.filter(measured);
      const stroke = page.colour(colour);
      const tip = (row) => `${label(row)}\n${name}: ${row.cell.shown[column] || ""}`;
      marks.push(
        Plot.ruleX(points.filter((row) => row[column + "_ci"] > 0), {
          x, y1: (row) => Math.max(row[column] - row[column + "_ci"], row[column] * 0.05),
          y2: (row) => row[column] + row[column + "_ci"], stroke, strokeWidth: 4, strokeOpacity: 0.45,
        }),
        // The line has a gap where a row has no figures.
        Plot.line(rows, { x, y: (row) => (measured(row) ? row[column] : NaN), stroke, strokeDasharray: dash, strokeWidth: 2 }),
        Plot.dot(points, { x, y: column, fill: stroke, symbol, r: 4 }),
        Plot.tip(points, Plot.pointer({ x, y: column, title: tip })),
      );
    }
    marks.push(...endLabels(rows, x, axis));
    return marks;
  };

  /** A limit is seen on the axis, if it is not far beyond what was measured. */
  const withLimits = (values, slo, route) => {
    const most = d3.max(values);
    const limits = (slo || []).filter((one) => (one.route || "") === route && one.limit_s < 20 * most);
    return values.length ? values.concat(limits.map((one) => one.limit_s)) : values;
  };

  const times = (rows) => rows.filter(settled).flatMap((row) =>
    PERCENTILES.map(([column]) => row[column] + (row[column + "_ci"] || 0)).filter(isFinite));

  /** Limits as lines, of the requests that are shown. */
  const sloMarks = (slo, route) => (slo || []).filter((one) => (one.route || "") === route).flatMap((one) => [
    Plot.ruleY([one.limit_s], { stroke: page.colour("orange"), strokeWidth: 2, strokeDasharray: "8 3" }),
    Plot.text([one.limit_s], { y: (d) => d, text: () => one.text, frameAnchor: "left", dx: 4, dy: -8, textAnchor: "start", fill: page.colour("orange"), ...halo() }),
  ]);

  /** Words stay readable where a line runs through them. */
  const halo = () => ({ stroke: page.colour("panel"), strokeWidth: 4 });

  /** All axes but the number of workers. */
  const AXES = ["threads", "cores", "rate_per_s", "clients", "class", "case", "memory_limit_bytes", "accept", "hosts", "balance", "pool"];

  /** The row that is named, else the one that is explained. */
  const spokenOf = (document, rows) => rows.find((row) => row.cell.at === (document.named ?? document.explained)) || rows[0];

  const alike = (axes, one) => (row) => axes.every((axis) => row[axis] === one[axis]);

  page.byWorkers = (document, rows, route) => {
    // Several groups would make several curves of each percentile: the named cell's group is shown.
    const named = spokenOf(document, rows);
    const group = rows.filter(alike(AXES, named)).sort((a, b) => a.workers - b.workers);
    if (group.length < 2) return page.hide("by-workers");
    const values = withLimits(times(group), document.slo, route);
    if (!values.length) return page.hide("by-workers");
    const { axis } = timeAxis(values);
    const lost = group.filter(overloaded);
    const short = group.filter((row) => row.cell.short);
    const x = d3.extent(group, (row) => row.workers);
    const rules = document.rules.filter((rule) => rule.to >= x[0] && rule.from <= x[1]);
    // A band that only touches the numbers that are shown has no width there.
    const bands = rules.filter((rule) => Math.min(rule.to, x[1]) > Math.max(rule.from, x[0]));
    const points = rules.filter((rule) => rule.to === rule.from);
    const marks = [
      Plot.rectX(bands, { x1: (rule) => Math.max(rule.from, x[0]), x2: (rule) => Math.min(rule.to, x[1]), fill: page.colour("band") }),
      Plot.text(bands, { x: (rule) => Math.min(rule.to, x[1]), text: "name", frameAnchor: "top", lineAnchor: "bottom", textAnchor: "end", dx: -3, dy: -18, fill: page.colour("orange") }),
      Plot.ruleX(points, { x: "from", stroke: page.colour("orange"), strokeDasharray: "3 3" }),
      ...points.map((rule) => {
        // The name stands on the side where there is room.
        const left = rule.from > (x[0] + x[1]) / 2;
        return Plot.text([rule], { x: "from", text: "name", frameAnchor: "top", lineAnchor: "bottom", textAnchor: left ? "end" : "start", dx: left ? -3 : 3, dy: -4, fill: page.colour("orange") });
      }),
      Plot.text(lost, { x: "workers", text: () => "×", frameAnchor: "bottom", dy: -4, fontSize: group.length > 14 ? 13 : 20, fill: page.colour("red") }),
      Plot.text(short, { x: "workers", text: () => "…", frameAnchor: "bottom", dy: -6, fill: page.colour("text") }),
      ...percentileMarks(group, "workers", axis),
      ...sloMarks(document.slo, route),
    ];
    if (document.named !== null) {
      marks.push(
        Plot.ruleX([named.workers], { stroke: page.colour("mark"), strokeWidth: 1.5 }),
        Plot.text([named.workers], { x: (d) => d, text: () => "▶ " + named.workers, frameAnchor: "bottom-left", dx: 4, dy: -4, textAnchor: "start", fill: page.colour("mark"), fontWeight: 700 }),
      );
    }
    const note = [
      route ? `Requests of ${route}.` : "",
      group.length < rows.length ? label(named).replace(/^\d+ workers?,? ?/, "") + "." : "",
      document.exact ? "" : `Bars: ${Math.round(document.confidence * 100)} % intervals.`,
      lost.length ? "× overloaded." : "",
      short.length ? "… too short a run to say." : "",
      bands.length ? "Shaded: a rule of thumb." : "",
    ].filter(Boolean).join(" ");
    const words = group.map((row) => `${page.count(row.workers, "worker")}: ${told(row, "p95 " + (row.cell.shown.response_p95_s || ""))}`).join("; ");
    show("by-workers", "Response time by number of workers", note, words, (width) =>
      Plot.plot({ width, height: rules.length ? 320 : 300, marginTop: rules.length ? 44 : 20, marginRight: 34, marginLeft: 52, x: { label: "workers", labelAnchor: "center", inset: 6, domain: x, tickFormat: "d", ticks: workerTicks(group, x) }, y: axis, marks }));
  };

  /** Every number where there are few; else the least, and round ones that are not right beside it. */
  const workerTicks = (group, [least, most]) => {
    if (most - least < 12) return [...new Set(group.map((row) => row.workers))];
    const round = d3.ticks(least, most, 8);
    return [least, ...round.filter((tick) => tick - least > (round[1] - round[0]) / 2)];
  };

  page.map = (document, all, base) => {
    const by = document.best_by.name;
    // With a third list several cells would be drawn into one place: those like the named one are shown.
    const others = AXES.filter((axis) => axis !== "cores");
    const of = spokenOf(base.answer.document, base.rows);
    const rows = all.filter(alike(others, of));
    const workers = new Set(rows.map((row) => row.workers));
    const cores = new Set(rows.map((row) => row.cores));
    if (workers.size < 2 || cores.size < 2) return page.hide("map");
    const good = rows.filter((row) => settled(row) && row[by] > 0);
    const lost = rows.filter(overloaded);
    const short = rows.filter((row) => row.cell.short);
    const { unit, even } = page.seconds(d3.max(good, (row) => row[by]) || 1);
    const domain = d3.extent(good, (row) => row[by]);
    const colour = d3.scaleSequentialLog(domain[0] === domain[1] ? [domain[0] * 0.9, domain[1] * 1.1] : domain, (t) => d3.interpolateCividis(1 - t));
    const contrast = (row) => (d3.lab(colour(row[by])).l > 55 ? "#000" : "#fff");
    // The answer names: the map is another run.
    const same = (row) => (other) => alike([...others, "workers", "cores"], row)(other) && other.cell.mark === "named";
    const named = rows.filter((row) => base.answer.rows.some(same(row)));
    const small = workers.size > 12;
    // Numbers do not run into each other: a map that is too wide for them is scrolled.
    const figure = (row) => even(row[by]);
    const digits = d3.max(good, (row) => figure(row).length) || 1;
    const room = digits * (small ? 6.5 : 8) + 6;
    const words = rows.map((row) => `${page.count(row.workers, "worker")}, ${page.count(row.cores, "core")}: ${told(row, row.cell.shown[by])}`).join("; ");
    const boxed = named.length ? " Boxed: what the answer names." : "";
    const parts = label(of).split(", ").map((part) => part.replace(/^[\d.]+ (workers?|cores?)( x )?/, "")).filter(Boolean);
    const group = rows.length < all.length ? parts.join(", ") + ". " : "";
    const widest = d3.max(good, (row) => row[by + "_ci"] / row[by]);
    const within = widest > 0.005 ? ` Within ± ${Math.ceil(widest * 100)} %.` : "";
    const kind = base.route ? `Requests of ${base.route}. ` : "";
    const note = `${group}${kind}${document.best_by.spoken}, ${unit}.${within}${boxed} × overloaded. ${short.length ? "… too short a run to say. " : ""}${base.choose ? "Choose a cell to ask about it. " : ""}${page.sentence(document.effort)}.`;
    show("map", "Workers and cores", note, words, (width) => {
      const needed = Math.max(width, workers.size * room + 60);
      const svg = Plot.plot({
        width: needed, height: 60 + cores.size * 40, marginLeft: 46, padding: 0.04,
        x: { type: "band", label: "workers", domain: [...workers].sort((a, b) => a - b) },
        y: { type: "band", label: "cores", domain: [...cores].sort((a, b) => b - a) },
        marks: [
          Plot.cell([...lost, ...short], { x: "workers", y: "cores", fill: "none", stroke: page.colour("line"), className: "cells" }),
          Plot.text(short, { x: "workers", y: "cores", text: () => "…", fill: page.colour("text"), pointerEvents: "none" }),
          Plot.text(lost, { x: "workers", y: "cores", text: () => "×", fill: page.colour("red"), fontSize: 16, pointerEvents: "none" }),
          Plot.cell(good, { x: "workers", y: "cores", fill: (row) => colour(row[by]), className: "cells" }),
          Plot.cell(named, { x: "workers", y: "cores", fill: "none", stroke: page.colour("text"), strokeWidth: 3, inset: 1, pointerEvents: "none" }),
          Plot.text(good, { x: "workers", y: "cores", text: figure, fill: contrast, fontSize: small ? 10 : 12, pointerEvents: "none" }),
        ],
      });
      if (needed > width) svg.style.maxWidth = "none";
      if (base.choose) cellButtons(svg, [...lost, ...short], good, document, base);
      return svg;
    });
  };

  /** Each cell of the map is a button: one stop of the Tab key, arrows move within. */
  const cellButtons = (svg, lost, good, document, base) => {
    const rects = [...svg.querySelectorAll("g.cells rect")];
    const rows = [...lost, ...good];
    const buttons = rects.map((rect, at) => ({ rect, row: rows[at] }));
    const choose = (row) => base.choose(row);
    for (const { rect, row } of buttons) {
      const what = told(row, `${document.best_by.spoken} ${row.cell.shown[document.best_by.name] || ""}`);
      rect.setAttribute("role", "button");
      rect.setAttribute("tabindex", "-1");
      rect.setAttribute("aria-label", `${page.count(row.workers, "worker")}, ${page.count(row.cores, "core")}: ${what}`);
      rect.setAttribute("pointer-events", "all");
      rect.append(Object.assign(window.document.createElementNS("http://www.w3.org/2000/svg", "title"), { textContent: rect.getAttribute("aria-label") }));
      rect.addEventListener("click", () => choose(row));
      rect.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") return event.preventDefault(), choose(row);
        const next = neighbour(buttons, row, event.key);
        if (!next) return;
        event.preventDefault();
        rect.setAttribute("tabindex", "-1");
        next.rect.setAttribute("tabindex", "0");
        next.rect.focus();
      });
    }
    svg.setAttribute("role", "group");
    svg.setAttribute("aria-label", "Workers and cores");
    if (buttons.length) buttons[0].rect.setAttribute("tabindex", "0");
  };

  /** Which cell of the map has the focus; called after the map is drawn again, it gives the focus back. */
  page.focusedCell = () => {
    const what = () => window.document.activeElement.getAttribute("aria-label") || "";
    const place = $("map").contains(window.document.activeElement) && what().split(":")[0] + ":";
    return () => {
      const again = place && $("map").querySelector(`[role=button][aria-label^="${place}"]`);
      if (!again) return;
      $("map").querySelector("[tabindex='0']").setAttribute("tabindex", "-1");
      again.setAttribute("tabindex", "0");
      again.focus({ preventScroll: true });
    };
  };

  const neighbour = (buttons, row, key) => {
    const [axis, other, sign] = { ArrowRight: ["workers", "cores", 1], ArrowLeft: ["workers", "cores", -1], ArrowUp: ["cores", "workers", 1], ArrowDown: ["cores", "workers", -1] }[key] || [];
    if (!axis) return null;
    const line = buttons.filter((one) => one.row[other] === row[other] && sign * (one.row[axis] - row[axis]) > 0);
    return line.sort((a, b) => sign * (a.row[axis] - b.row[axis]))[0];
  };

  page.load = (document, rows, base, route) => {
    const open = rows.some((row) => row.rate_per_s !== "");
    const x = open ? "rate_per_s" : "clients";
    const values = withLimits(times(rows), document.slo, route);
    if (rows.length < 2 || !values.length) return page.hide("load");
    const { axis } = timeAxis(values);
    const lost = rows.filter(overloaded);
    const first = rows.find(settled);
    const marks = percentileMarks(rows, x, axis).concat(sloMarks(document.slo, route));
    const asked = base.rows[0][x];
    const same = base.rows.every((row) => row[x] === asked);
    const most = d3.max(rows, (row) => row[x]);
    if (same && asked && asked <= most) {
      marks.push(Plot.ruleX([asked], { stroke: page.colour("mark") }),
        Plot.text([asked], { x: (d) => d, text: () => "asked", frameAnchor: "top", dx: -4, dy: 2, textAnchor: "end", fill: page.colour("mark"), fontWeight: 600 }));
    }
    const limit = open && base.document.limit;
    if (limit) {
      marks.push(Plot.ruleX([limit.rate_per_s], { stroke: page.colour("red"), strokeDasharray: "4 3", strokeWidth: 2 }),
        Plot.text([limit.rate_per_s], { x: (d) => d, text: () => "overloaded", frameAnchor: "bottom", dx: -4, dy: -6, textAnchor: "end", fill: page.colour("red"), ...halo() }));
    } else {
      marks.push(Plot.text(lost, { x, text: () => "×", frameAnchor: "bottom", dy: -4, fontSize: 20, fill: page.colour("red") }));
    }
    const who = label(first).replace(/, [\d.,]+\/s$|, \d+ clients?$/, "");
    const words = rows.map((row) => `${row[x]}: ${told(row, row.cell.shown.response_p95_s)}`).join("; ");
    const note = `${who}${limit ? ": " + limit.text : ""}. ${route ? `Requests of ${route}. ` : ""}${page.sentence(document.effort)}.`;
    show("load", open ? "Load against latency" : "Users against latency", note, "p95 at each: " + words, (width) =>
      Plot.plot({ width, height: 300, marginRight: 40, marginLeft: 52, x: { label: open ? "arrivals per second" : "clients", labelAnchor: "center", domain: [0, most] }, y: axis, marks }));
  };

  page.ccdf = (document, rows) => {
    if (document.timeline) return page.hide("ccdf");
    const shown = kinds(document, rows) || chosen(rows.filter((row) => row.response_ccdf && settled(row)), document.explained);
    const points = shown.flatMap((row, at) => String(row.response_ccdf).split(" ").map((point) => {
      const [share, seconds] = point.split(":").map(Number);
      return { share, seconds, name: label(row), at };
    })).filter((point) => point.share > 0 && point.seconds > 0);
    if (points.length < 4) return page.hide("ccdf");
    const { unit, text } = page.seconds(d3.max(points, (point) => point.seconds));
    // Routes have the colours that they have in the machine in motion.
    const colours = document.routes ? [page.colour("text"), ...page.palette] : ["blue", "red", "green", "orange"].map(page.colour);
    const dashes = ["none", "6 3", "2 3", "8 3 2 3"];
    const percent = (share) => +(share * 100).toPrecision(2) + " %";
    // Of the shortest responses there is nothing to see: nearly all take longer.
    const most = d3.max(points, (point) => point.seconds);
    const seen = [d3.min(points.filter((point) => point.share < 0.98), (point) => point.seconds) || most / 10, most];
    const marks = shown.map((row, at) => {
      const line = points.filter((point) => point.at === at);
      return Plot.line(line, { x: "seconds", y: "share", curve: "step-before", stroke: colours[at], strokeDasharray: dashes[at], strokeWidth: 2, clip: true });
    });
    marks.push(Plot.tip(points, Plot.pointer({ x: "seconds", y: "share", title: (p) => `${p.name}\n${percent(p.share)} take longer than ${text(p.seconds)} ${unit}` })));
    const legend = Plot.legend({ color: { domain: shown.map(label), range: colours.slice(0, shown.length) } });
    const words = shown.map((row) => `${label(row)}: half within ${row.cell.shown.response_p50_s}, 99 % within ${row.cell.shown.response_p99_s}`).join("; ");
    show("ccdf", "How many requests take longer", "", words, (width) => {
      const plot = Plot.plot({ width, height: 300, marginLeft: 58, x: { type: "log", label: `response time (${unit})`, tickFormat: text, ticks: 5, grid: true, domain: seen }, y: { type: "log", label: "share of requests that take longer", tickFormat: percent, ticks: 4, grid: true, domain: [d3.min(points, (p) => p.share), 1] }, marks });
      return page.el("div", {}, legend, plot);
    });
  };

  /** Where there are routes, those of one cell beside all of its requests. */
  const kinds = (document, rows) => {
    if (!document.routes) return null;
    const row = rows.find((row) => row.cell.at === document.routes.at);
    const named = (row, name) => ({ ...row, cell: { ...row.cell, label: name } });
    const routes = document.routes.names.slice(0, 3).map((name) => named(page.ofRoute([row], name)[0], name));
    return [named(row, row.cell.label + ", all"), ...routes].filter((row) => row.response_ccdf);
  };

  /** The named cells; where it is one (or none: the one that is explained), up to three others, evenly spread. */
  const chosen = (rows, explained) => {
    let named = rows.filter((row) => row.cell.mark === "named");
    if (named.length > 1) return named.slice(0, 4);
    if (!named.length) named = rows.filter((row) => row.cell.at === explained);
    const others = rows.filter((row) => !named.includes(row));
    const step = Math.max(1, Math.ceil(others.length / 3));
    return named.concat(others.filter((_, at) => at % step === 0)).slice(0, 4);
  };

  page.timeline = (document) => {
    const cells = document.timeline;
    if (!cells || !cells.length) return page.hide("timeline");
    const lines = cells.flatMap((cell) => cell.requests.map((request) => ({
      ...request, cell: cell.label, who: "user " + (request.client + 1),
    })));
    const most = d3.max(lines, (line) => line.departure);
    const { unit, text } = page.seconds(most);
    const words = lines.map((line) => `${line.cell}, ${line.who}: ${line.text}`).join("; ");
    show("timeline", "Who waits for whom", "Outlined: waiting. Filled: being served. Beside it: answered after.", words, (width) =>
      Plot.plot({
        width, height: 60 + cells.length * (24 + 20 * d3.max(cells, (cell) => cell.requests.length)), marginLeft: 52, marginRight: 110,
        x: { label: `time (${unit})`, tickFormat: text, grid: true, domain: [0, most * 1.12] }, y: { label: null }, fy: { label: null, domain: cells.map((cell) => cell.label), padding: 0.15 },
        marks: [
          Plot.barX(lines, { fy: "cell", y: "who", x1: "arrival", x2: "start", fill: "none", stroke: page.colour("soft"), strokeDasharray: "3 2", insetTop: 4, insetBottom: 4 }),
          Plot.barX(lines, { fy: "cell", y: "who", x1: "start", x2: "departure", fill: page.colour("blue"), insetTop: 3, insetBottom: 3 }),
          Plot.text(lines, { fy: "cell", y: "who", x: "departure", text: "text", dx: 4, textAnchor: "start" }),
        ],
      }));
  };
})();
