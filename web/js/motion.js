// The machine in motion: one replication of the model, as the library recorded it. Nothing is
// simulated here: where a request is at an instant is read off its record.
(function () {
  "use strict";
  const page = window.simsrv;
  const { $, el } = page;

  let film = null; // what was recorded
  let events = []; // instants at which something changes
  let now = 0;
  let playing = false;
  let last = 0;
  let asked = null; // options and cell of the film
  let question = null; // the same as it was asked, before the machine was changed

  let wanted = 0; // workers that were asked for and are not shown yet
  let passed = null; // the clock, where a change of the machine made the film end before it
  let loads = 0; // films that were asked for: an answer to an earlier one comes too late

  const SPEEDS = [["slowest", 0.1], ["slow", 0.3], ["normal", 1], ["fast", 3], ["fastest", 10]];

  /** Milliseconds between two changes where nothing should move. */
  const STILL = 700;

  const end = () => (events.length ? events[events.length - 1] : 0);

  /** Where the phases of a request begin and end, with the activity of each. */
  const spans = (request) => request.phases.map(([from, what], at) => ({
    from, what, to: at + 1 < request.phases.length ? request.phases[at + 1][0] : request.departure,
  }));

  const prepare = (loaded) => {
    film = loaded;
    const instants = new Set([0]);
    for (const request of film.requests) {
      request.spans = spans(request);
      [request.arrival, request.start, request.departure].forEach((t) => instants.add(t));
      request.spans.forEach((span) => instants.add(span.from));
    }
    events = [...instants].sort((a, b) => a - b);
    film.served = film.requests.filter((r) => r.outcome === "served").sort((a, b) => a.departure - b.departure);
    attained();
  };

  /** The clock of attained service: how far one that computes has come, so that a bar on shared
   *  cores fills slower. It rises by the share of a core that each gets. */
  const attained = () => {
    const changes = film.requests.flatMap((r) => r.spans.filter((s) => s.what === "cpu").flatMap((s) => [[s.from, 1], [s.to, -1]]));
    changes.sort((a, b) => a[0] - b[0]);
    let [time, clock, computing] = [0, 0, 0];
    film.clock = [[0, 0]];
    for (const [at, change] of changes) {
      clock += (at - time) * Math.min(1, film.cores / Math.max(computing, 1));
      film.clock.push([at, clock]);
      [time, computing] = [at, computing + change];
    }
  };

  const clockAt = (time) => {
    const clock = film.clock;
    const next = d3.bisector((point) => point[0]).right(clock, time);
    const [from, value] = clock[Math.max(0, next - 1)];
    const after = clock[next];
    return after ? value + ((time - from) / (after[0] - from)) * (after[1] - value) : value;
  };

  /** How much of its service a request has had, from 0 to 1. */
  const progress = (request, time) => {
    const total = request.departure - request.start;
    let done = 0;
    for (const span of request.spans) {
      if (time >= span.to) done += span.to - span.from;
      else if (time > span.from) {
        const share = span.what === "cpu" ? (clockAt(time) - clockAt(span.from)) / (clockAt(span.to) - clockAt(span.from) || 1) : (time - span.from) / (span.to - span.from);
        return (done + share * (span.to - span.from)) / total;
      } else break;
    }
    return total ? done / total : 1;
  };

  const activity = (request, time) => {
    const span = request.spans.find((s) => time >= s.from && time < s.to);
    return span ? span.what : "cpu";
  };

  const state = (time) => {
    const waiting = [];
    const serving = [];
    for (const request of film.requests) {
      if (request.arrival > time) break;
      if (request.departure <= time) continue;
      (request.start > time || request.outcome !== "served" ? waiting : serving).push(request);
    }
    return { waiting, serving, computing: serving.filter((r) => activity(r, time) === "cpu").length, pool: serving.filter((r) => activity(r, time) === "pool").length };
  };

  const palette = () => ({ text: page.colour("text"), soft: page.colour("soft"), line: page.colour("line"), ground: page.colour("ground"), waits: ["--blue", "--orange", "--red"].map((c) => page.colour(c.slice(2))) });

  /** Colour by what a request has waited, in steps of the mean service; or by its client. */
  const paint = (request, time, colours) => {
    const by = $("colour").value;
    if (by !== "wait") {
      const of = by === "route" ? request.route : film.clients === null ? request.request : request.client;
      return page.palette[of % page.palette.length];
    }
    const waited = Math.min(time, request.start) - request.arrival;
    return colours.waits[waited <= 0 ? 0 : waited < request.departure - request.start ? 1 : 2];
  };

  const draw = () => {
    const canvas = $("machine");
    if (!film || $("motion").hidden) return;
    const scale = window.devicePixelRatio || 1;
    const [w, h] = [canvas.clientWidth, canvas.clientHeight];
    if (canvas.width !== Math.round(w * scale)) canvas.width = Math.round(w * scale);
    if (canvas.height !== Math.round(h * scale)) canvas.height = Math.round(h * scale);
    const pen = canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, w, h);
    const colours = palette();
    const seen = state(now);
    drawQueue(pen, seen.waiting, w, h, colours);
    drawWorkers(pen, seen.serving, w, h, colours);
    drawCores(pen, seen, w, h, colours);
    counters(seen);
    $("time").value = Math.round((now / (end() || 1)) * 1000);
    $("time").setAttribute("aria-valuetext", seconds(now));
    $("play").textContent = playing ? "Pause" : "Play";
  };

  const title = (pen, text, x, y, colours) => {
    pen.fillStyle = colours.soft;
    pen.font = "13px system-ui, sans-serif";
    pen.textAlign = "left";
    pen.fillText(text, x, y);
  };

  /** The listen queue: the first to be taken stands next to the workers. */
  const drawQueue = (pen, waiting, w, h, colours) => {
    const width = w * 0.3;
    title(pen, `${w < 420 ? "queue" : "listen queue"}: ${waiting.length}`, 12, 20, colours);
    const radius = waiting.length > 120 ? 3 : waiting.length > 30 ? 5 : 9;
    const step = radius * 2 + 3;
    const columns = Math.max(1, Math.floor((width - 16) / step));
    const rows = Math.floor((h - 60) / step);
    waiting.slice(0, columns * rows).forEach((request, at) => {
      const x = width - (at % columns) * step - radius;
      const y = 40 + Math.floor(at / columns) * step + radius;
      pen.beginPath();
      pen.arc(x, y, radius, 0, 7);
      pen.fillStyle = paint(request, now, colours);
      pen.fill();
      if (radius === 9) number(pen, request, x, y + 4);
    });
    if (waiting.length > columns * rows) title(pen, `and ${waiting.length - columns * rows} more`, 12, h - 12, colours);
  };

  const number = (pen, request, x, y) => {
    const text = String(film.clients === null ? request.request + 1 : request.client + 1);
    if (text.length > 2) return;
    pen.fillStyle = "#fff";
    pen.font = "bold 11px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.fillText(text, x, y);
  };

  /** Workers as boxes, their threads as lanes; each holds the bar of its request. */
  const drawWorkers = (pen, serving, w, h, colours) => {
    const left = w * 0.34;
    const [width, height] = [w * 0.64, h - 120];
    title(pen, `workers: ${film.workers * film.hosts}` + (film.threads > 1 ? ` × ${film.threads} threads` : ""), left, 20, colours);
    const lanes = film.workers * film.threads * film.hosts;
    // One column while lanes are high enough to hold a name, then as many as it takes.
    const columns = lanes * 20 <= height ? 1 : Math.max(Math.ceil((lanes * 14) / height), 1);
    const rows = Math.ceil(lanes / columns);
    const [cw, ch] = [width / columns, Math.min(36, height / rows)];
    const by = d3.group(serving, (request) => request.worker);
    for (let lane = 0; lane < lanes; lane++) {
      const x = left + Math.floor(lane / rows) * cw;
      const y = 32 + (lane % rows) * ch;
      const [bw, bh] = [cw - 6, Math.max(3, ch - 4)];
      pen.strokeStyle = colours.line;
      pen.lineWidth = lane % film.threads === 0 ? 1.5 : 0.7;
      pen.strokeRect(x, y, bw, bh);
      // In an event loop one worker holds many requests: they share its lane.
      const held = by.get(lane) || [];
      held.slice(0, 40).forEach((request, at) => {
        const part = bh / Math.min(held.length, 40);
        bar(pen, request, x + 1, y + 1 + at * part, bw - 2, Math.max(1, part - (held.length > 1 ? 0.5 : 2)), colours);
      });
    }
  };

  const bar = (pen, request, x, y, w, h, colours) => {
    const share = progress(request, now);
    const what = activity(request, now);
    pen.fillStyle = paint(request, now, colours);
    pen.globalAlpha = 0.22;
    pen.fillRect(x, y, w, h);
    pen.globalAlpha = what === "cpu" ? 1 : 0.5;
    pen.fillRect(x, y, w * share, h);
    pen.globalAlpha = 1;
    if (what === "pool") {
      pen.setLineDash([4, 3]);
      pen.strokeStyle = colours.text;
      pen.strokeRect(x + 1, y + 1, w - 2, h - 2);
      pen.setLineDash([]);
    }
    if (h < 14 || w < 60) return;
    pen.fillStyle = colours.text;
    pen.font = "12px system-ui, sans-serif";
    pen.textAlign = "left";
    const route = film.routes[request.route];
    const name = film.clients !== null ? `user ${request.client + 1}` : route ? `${route} ${request.request + 1}` : `request ${request.request + 1}`;
    const doing = { cpu: "computes", io: "off the CPU", pool: "waits for the pool" }[what];
    const fits = (text) => pen.measureText(text).width < w - 10;
    const text = [`${name}: ${doing}`, name, String(request.request + 1)].find(fits) || "";
    pen.save();
    pen.lineWidth = 3;
    pen.lineJoin = "round";
    pen.strokeStyle = colours.ground;
    pen.strokeText(text, x + 6, y + h / 2 + 4);
    pen.restore();
    pen.fillText(text, x + 6, y + h / 2 + 4);
  };

  const drawCores = (pen, seen, w, h, colours) => {
    const left = w * 0.34;
    const y = h - 52;
    const whole = Math.ceil(film.cores);
    const room = Math.min(40, (w * 0.64) / Math.min(whole, 64));
    const busy = Math.min(seen.computing, film.cores);
    title(pen, sharing(seen), left, y - 8, colours);
    for (let core = 0; core < Math.min(whole, 64); core++) {
      pen.strokeStyle = colours.line;
      pen.strokeRect(left + core * room, y, room - 3, 18);
      pen.fillStyle = colours.text;
      const share = Math.max(0, Math.min(1, busy - core));
      pen.fillRect(left + core * room, y, (room - 3) * share, 18);
    }
    if (film.pool) title(pen, `pool of ${film.pool}: ${seen.serving.filter((r) => activity(r, now) === "io").length} held, ${seen.pool} wait for it`, left, h - 14, colours);
  };

  const sharing = ({ computing }) => {
    const cores = `cores: ${film.cores}`;
    if (computing > film.cores) return `${cores}, shared by ${computing}`;
    return `${cores}, ${computing} in use`;
  };

  const seconds = (time) => {
    const { unit, text } = page.seconds(end());
    return `${text(time)} ${unit}`;
  };

  /** Counters meet the table: the means are the library's, after each answer. */
  const counters = (seen) => {
    const answered = d3.bisector((request) => request.departure).right(film.served, now);
    const latest = film.served[answered - 1];
    const lines = [
      ["time", seconds(now)],
      ["waiting", seen.waiting.length],
      ["in service", seen.serving.length],
      ["on the cores", seen.computing],
      ["answered", `${answered} of ${film.requests.length}`],
      ["mean response so far", latest ? latest.mean : "–"],
      ["longest wait so far", latest ? latest.longest : "–"],
      ["mean response in the table", film.table || "–"],
    ];
    $("counters").replaceChildren(...lines.flatMap(([name, value]) => [el("div", {}, el("dt", {}, name), el("dd", {}, String(value)))]));
    $("machine").setAttribute("aria-label", `The machine at ${seconds(now)}: ${seen.waiting.length} wait, ${seen.serving.length} in service, ${answered} answered.`);
  };

  /** The whole film takes a while that does not depend on its length: about 6 s a dozen events. */
  const pace = () => {
    const wanted = Math.min(60, Math.max(8, events.length * 0.25));
    return (end() / wanted) * +$("speed").value;
  };

  const tick = (time) => {
    if (!playing) return;
    if (page.still()) {
      // Nothing glides for those who asked for that: it goes from change to change.
      if (time - last > STILL) [now, last] = [events.find((t) => t > now) ?? end(), time];
    } else {
      now = Math.min(end(), now + ((time - last) / 1000) * pace());
      last = time;
    }
    if (now >= end()) playing = false;
    draw();
    requestAnimationFrame(tick);
  };

  const play = () => {
    if (playing) {
      playing = false;
      return draw();
    }
    if (now >= end()) now = 0;
    passed = null;
    playing = true;
    last = performance.now();
    requestAnimationFrame(tick);
  };

  const step = (sign) => {
    playing = false;
    const slack = end() * 1e-9;
    const next = sign > 0 ? events.find((t) => t > now + slack) : [...events].reverse().find((t) => t < now - slack);
    if (next !== undefined) now = next;
    draw();
  };

  /** Shows a film; a change of the machine keeps the clock where it is, unless all was over. */
  page.showFilm = (loaded, keep) => {
    const before = !keep ? 0 : now < end() ? now : passed || 0;
    prepare(loaded);
    kinds();
    now = Math.min(before, end());
    passed = before > now ? before : null;
    $("motion").hidden = false;
    $("drop").disabled = film.workers <= 1;
    $("motion-what").textContent = `The first ${film.requests.length} requests of one replication: ${film.label}.`;
    draw();
  };

  /** Routes may be told apart by colour, and then the colours are named. */
  const kinds = () => {
    const many = film.routes.length > 1;
    const choice = $("colour");
    const option = choice.querySelector("[value=route]");
    if (many && option.hidden) choice.value = "route";
    if (!many && choice.value === "route") choice.value = "wait";
    option.hidden = option.disabled = !many;
    const swatch = (at) => el("span", { class: "swatch", style: `background: ${page.palette[at % page.palette.length]}` });
    $("kinds").replaceChildren(...(many ? film.routes.flatMap((name, at) => [swatch(at), ` ${name}  `]) : []));
    $("kinds").hidden = choice.value !== "route";
  };

  const load = async (keep) => {
    if (!asked) return;
    const { options, cell } = asked;
    const mine = ++loads;
    try {
      const cells = asked.cells;
      const loaded = await page.get("motion", [...options, ["_cell", cell], ["_requests", $("requests").value]]);
      if (mine !== loads) return false;
      // Once the machine was changed the table has no row of it.
      loaded.table = cells && cells.find((one) => one.at === cell).shown.response_mean_s;
      // What a cell's label begins with; who asks comes after it.
      if (cells) question.label = loaded.label;
      page.showFilm(loaded, keep);
      return true;
    } catch (error) {
      if (mine === loads) $("motion-what").textContent = error.message;
      return false;
    }
  };

  /** The film of a cell of the question that was just answered. */
  page.film = (options, cell, document) => {
    playing = false;
    asked = question = { options, cell, cells: document.cells };
    $("cell").replaceChildren(...document.cells.map((one) => el("option", { value: String(one.at), selected: one.at === cell }, one.label)));
    $("cell").value = String(cell);
    const most = document.timeline ? "3" : "300";
    if ($("requests").value === "3" || document.timeline) $("requests").value = most;
    load(false);
  };

  /** There is no cell whose machine could move. */
  page.nothing = () => {
    playing = false;
    film = asked = question = null;
    $("motion").hidden = true;
  };

  /** The table has narrower intervals. */
  page.refined = (document) => {
    if (!film || !asked || !asked.cells) return;
    question.cells = document.cells;
    const one = document.cells.find((one) => one.at === asked.cell);
    film.table = one && one.shown.response_mean_s;
    draw();
  };

  /** The answer is as fine as it becomes: another cell may be named, and nobody moves the machine yet. */
  page.settle = (options, cell, document) => {
    if (!playing && now === 0 && asked && asked.cells && asked.cell !== cell) page.film(options, cell, document);
  };

  /** The same clients meet one worker more, or fewer, from the beginning; the clock goes on. */
  const hire = async (change) => {
    if (!film || !film.options) return;
    // Clicks that come before the first is answered count too.
    wanted = Math.max(1, (wanted || film.workers) + change);
    const workers = wanted;
    const options = film.options.filter(([name]) => name !== "workers").concat([["workers", String(workers)]]);
    const cell = question.cells.find((one) => one.at === question.cell);
    asked = { options, cell: 0 };
    const there = await load(true);
    // A later click is on its way.
    if (workers !== wanted) return;
    wanted = 0;
    if (!there) return;
    $("cell").querySelector("[value=changed]")?.remove();
    const same = cell && question.cells.find((one) => one.label === cell.label.replace(question.label, film.label));
    if (same) {
      $("cell").value = String(same.at);
      film.table = same.shown.response_mean_s;
      draw();
    } else {
      $("cell").append(el("option", { value: "changed", selected: true }, film.label));
    }
    $("motion-what").textContent += " The same requests as before, with this number of workers from the start.";
    if (passed !== null) $("motion-what").textContent += ` The last is over at ${seconds(end())}, before the time that was shown: Play begins anew.`;
  };

  page.motion = () => {
    $("speed").append(...SPEEDS.map(([name, value]) => el("option", { value: String(value), selected: value === 1 }, name)));
    $("play").addEventListener("click", play);
    $("step").addEventListener("click", () => step(1));
    $("back").addEventListener("click", () => step(-1));
    $("add").addEventListener("click", () => hire(1));
    $("drop").addEventListener("click", () => hire(-1));
    $("colour").addEventListener("change", () => {
      $("kinds").hidden = $("colour").value !== "route";
      draw();
    });
    $("requests").addEventListener("change", () => load(false));
    $("cell").addEventListener("change", () => {
      if (!question || $("cell").value === "changed") return;
      asked = Object.assign(question, { cell: +$("cell").value });
      load(false);
    });
    $("time").addEventListener("input", () => {
      playing = false;
      now = (+$("time").value / 1000) * end();
      draw();
    });
    window.addEventListener("themed", draw);
    window.addEventListener("resize", draw);
    $("motion").addEventListener("keydown", (event) => {
      if (["SELECT", "INPUT", "BUTTON"].includes(event.target.tagName) && event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
      if (["SELECT", "INPUT"].includes(event.target.tagName)) return;
      const keys = { " ": play, ArrowRight: () => step(1), ArrowLeft: () => step(-1) };
      if (!keys[event.key]) return;
      event.preventDefault();
      keys[event.key]();
    });
    $("machine").tabIndex = 0;
  };
})();
