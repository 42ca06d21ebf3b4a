// What served.py does, in Node: computes in the loop, sleeps without it. CPU time is that of the process,
// in which nothing else computes meanwhile.
const cluster = require("node:cluster");
const http = require("node:http");
const [port, workers] = process.argv.slice(2).map(Number);

function compute(seconds) {
  const begin = process.cpuUsage();
  for (;;) {
    const used = process.cpuUsage(begin);
    if (used.user + used.system >= seconds * 1e6) return;
  }
}

async function serve(request, response) {
  const now = () => (Number(process.hrtime.bigint()) / 1e9).toFixed(6);
  const began = now();
  for (const phase of request.url.split("/")) {
    const [kind, seconds] = phase.split(":");
    if (kind === "cpu") compute(Number(seconds));
    if (kind === "io") await new Promise((done) => setTimeout(done, 1000 * Number(seconds)));
  }
  const headers = { "Content-Length": 5, "X-Process": process.pid, "X-Began": began, "X-Ended": now() };
  response.writeHead(200, headers);
  response.end("done\n");
}

if (cluster.isPrimary) {
  for (let worker = 0; worker < workers; worker += 1) cluster.fork();
} else {
  http.createServer(serve).listen(port, "127.0.0.1");
}
