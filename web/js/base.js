// What the other scripts share: elements, requests, colours. They are plain scripts, loaded in
// order, so that the same files work in a report that is opened from a disk.
(function () {
  "use strict";
  const page = (window.simsrv = {});

  page.$ = (id) => document.getElementById(id);

  /** An element with attributes and children. */
  page.el = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key in element && typeof value !== "string") element[key] = value;
      else element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  };

  const json = (id) => {
    const element = page.$(id);
    return element ? JSON.parse(element.textContent) : null;
  };
  page.known = json("known");

  /** The document inside a report, unpacked; null on the served page. */
  page.packed = async () => {
    const element = page.$("report");
    if (!element) return null;
    const bytes = Uint8Array.from(atob(element.textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  };

  const token = new URLSearchParams(location.hash.slice(1)).get("token");

  /** Asks the server; an older question is cancelled by its signal. */
  page.get = (path, options, signal) => ask(path, options, { signal });

  /** Sends a file with a question. */
  page.send = (path, options, body) => ask(path, options, { method: "POST", body });

  const ask = async (path, options, how) => {
    const query = new URLSearchParams(options);
    const headers = token ? { Authorization: "Bearer " + token } : {};
    const response = await fetch("/api/" + path + "?" + query, { ...how, headers }).catch((error) => {
      if (error.name === "AbortError") throw error;
      throw Object.assign(new Error("The server does not answer: does simsrv serve still run?"), { gone: true });
    });
    if (response.status === 413) throw new Error("This is too large for the page: simsrv fit reads logs of any size.");
    const body = await response.text();
    let document;
    try {
      document = JSON.parse(body);
    } catch {
      throw new Error(body || response.statusText);
    }
    if (!response.ok) throw new Error(document.error);
    return document;
  };

  /** Resolves when the server answers again; looks every few seconds. */
  page.returned = async (signal) => {
    let there = false;
    while (!there && !signal.aborted) {
      await new Promise((done) => setTimeout(done, 3000));
      there = await fetch("/", { signal }).then(() => true, () => false);
    }
  };

  /** The rows of a document: its CSV, read, each with its cell; below it those of its routes. */
  page.rows = (document) => {
    const lines = document.csv.split("\n").filter((line) => !line.startsWith("#"));
    const numeric = (text, name) =>
      text !== "" && !["stable", "flags", "response_ccdf", "case", "class", "accept", "route"].includes(name) && isFinite(text) ? +text : text;
    // Not csvParse: it makes a function of a text, which the page's policy forbids.
    const [names, ...rows] = d3.csvParseRows(lines.join("\n"));
    const cells = [];
    for (const line of rows) {
      const row = Object.fromEntries(names.map((name, column) => [name, numeric(line[column], name)]));
      if (row.route) cells[cells.length - 1].byRoute[row.route] = row;
      else cells.push({ ...row, cell: document.cells[cells.length], byRoute: {} });
    }
    return cells;
  };

  /** The same rows, of the requests of one route; of all of them without a name. */
  page.ofRoute = (rows, route) => rows.map((row) => {
    const of = route && row.byRoute[route];
    return of ? { ...of, cell: { ...row.cell, shown: row.cell.routes[route] }, byRoute: {} } : row;
  });

  page.colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  page.still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  page.sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

  /** Of routes, and of clients. */
  page.palette = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"];

  page.count = (number, what) => `${number} ${what}${number === 1 ? "" : "s"}`;

  /** Text in which no line ends within a figure. */
  page.kept = (text) => text.replace(/(\d) (?=(±|%|[nmu]?s|min|h|[KMG]i?B)(\W|$))/g, "$1\u00a0").replace(/± /g, "±\u00a0");

  /** A text as nodes in which no line ends within the name of an option. */
  page.whole = (text) => text.split(/(--[a-z][a-z-]*)/).map((part, at) => (at % 2 ? page.el("span", { class: "option" }, part) : part));

  /** Seconds on an axis, in one unit for all of it. */
  page.seconds = (most) => {
    const [scale, unit] = most < 2e-3 ? [1e6, "µs"] : most < 2 ? [1e3, "ms"] : [1, "s"];
    const text = (value) => {
      const scaled = value * scale;
      return +scaled.toPrecision(3) + "";
    };
    // With all three digits, so that numbers beside each other are as long.
    const even = (value) => (value * scale < 100 ? (value * scale).toPrecision(3) : String(Math.round(value * scale)));
    return { unit, text, even };
  };

  page.theme = (wanted) => {
    if (wanted) document.documentElement.dataset.theme = wanted;
    else delete document.documentElement.dataset.theme;
    window.dispatchEvent(new Event("themed"));
  };
  /** A theme that was chosen is kept, where the browser keeps anything for this page. */
  const KEPT = "simsrv-theme";
  const kept = (wanted) => {
    try {
      if (wanted) localStorage.setItem(KEPT, wanted);
      return localStorage.getItem(KEPT);
    } catch {
      return null;
    }
  };
  page.lastTheme = () => page.theme(kept());
  page.nextTheme = () => {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const now = document.documentElement.dataset.theme || system;
    const next = now === "dark" ? "light" : "dark";
    kept(next);
    page.theme(next);
  };

  // Paper is light: the pictures are drawn again in the colours for it, and back.
  let shown = "";
  window.addEventListener("beforeprint", () => {
    shown = document.documentElement.dataset.theme || "";
    page.theme("light");
  });
  window.addEventListener("afterprint", () => page.theme(shown));
})();
