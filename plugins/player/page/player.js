// The page at /: lists the streams of this server and plays one, by hls.js or dash.js.
// #/live/demo:hls in the address selects a stream, so that a link to it can be sent.

const POLL_MS = 2000;
const FACTS_MS = 500;

const element = (id) => document.getElementById(id);
const video = element("video");

let streams = [];
let playing = null; // { path, kind, stop, latency }
const scripts = new Map();

// Loads a player once, when it is first needed: they are large.
function load(script) {
  if (!scripts.has(script)) {
    scripts.set(script, new Promise((resolve, reject) => {
      const tag = document.createElement("script");
      tag.src = script;
      tag.onload = resolve;
      tag.onerror = () => reject(new Error(`cannot load ${script}`));
      document.head.append(tag);
    }));
  }
  return scripts.get(script);
}

function showError(text) {
  element("error").textContent = text;
  element("error").hidden = !text;
}

async function startHls(url) {
  await load("/player/hls.min.js");
  const hls = new Hls();
  hls.on(Hls.Events.ERROR, (_, data) => {
    if (data.fatal) showError(`HLS: ${data.details}`);
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return { stop: () => hls.destroy(), latency: () => hls.latency };
}

async function startDash(url) {
  await load("/player/dash.all.min.js");
  const player = dashjs.MediaPlayer().create();
  player.on(dashjs.MediaPlayer.events.ERROR, (event) => showError(`DASH: ${event.error.message}`));
  player.clearDefaultUTCTimingSources(); // this server is the only one to ask
  player.initialize(video, url, true);
  return { stop: () => player.destroy(), latency: () => player.getCurrentLiveLatency() };
}

async function play(stream, kind) {
  playing?.stop();
  playing = null;
  showError("");
  element("stage").hidden = false;
  location.hash = `${stream.path}:${kind}`;
  try {
    const url = new URL(stream[kind], location).href;
    const started = await (kind === "hls" ? startHls(url) : startDash(url));
    playing = { path: stream.path, kind, ...started };
    if (kind === "hls") await video.play(); // dash.js reloads the MPD only if it sees the video begin to play
  } catch (error) {
    if (error.name !== "AbortError") showError(error.message);
  }
  showStreams();
}

function button(stream, kind) {
  const b = document.createElement("button");
  b.textContent = kind.toUpperCase();
  b.setAttribute("aria-label", `Play ${stream.path.slice(1)} by ${kind.toUpperCase()}`);
  b.setAttribute("aria-pressed", String(playing?.path === stream.path && playing.kind === kind));
  b.onclick = () => play(stream, kind);
  return b;
}

function showStreams() {
  const items = streams.map((stream) => {
    const item = document.createElement("li");
    const name = document.createElement("span");
    name.className = "name";
    name.textContent = stream.path.slice(1);
    name.onclick = () => play(stream, stream.hls ? "hls" : "dash");
    item.append(name);
    if (playing?.path === stream.path) item.setAttribute("aria-current", "true");
    for (const kind of ["hls", "dash"]) if (stream[kind]) item.append(button(stream, kind));
    return item;
  });
  element("streams").replaceChildren(...items);
  element("empty").hidden = streams.length > 0;
  element("summary").textContent =
    streams.length === 1 ? "1 live stream" : `${streams.length} live streams`;
}

function fact(name, value) {
  const box = document.createElement("div");
  const dt = document.createElement("dt");
  const dd = document.createElement("dd");
  dt.textContent = name;
  dd.textContent = value;
  box.append(dt, dd);
  return box;
}

function showFacts() {
  if (!playing) return;
  const quality = video.getVideoPlaybackQuality();
  const end = video.buffered.length ? video.buffered.end(video.buffered.length - 1) : 0;
  const latency = playing.latency();
  element("facts").replaceChildren(
    fact("Stream", playing.path.slice(1)),
    fact("Protocol", playing.kind.toUpperCase()),
    fact("Picture", video.videoWidth ? `${video.videoWidth} × ${video.videoHeight}` : "–"),
    fact("Latency", Number.isFinite(latency) && latency > 0 ? `${latency.toFixed(1)} s` : "–"),
    fact("Buffer", `${Math.max(0, end - video.currentTime).toFixed(1)} s`),
    fact("Dropped frames", `${quality.droppedVideoFrames} of ${quality.totalVideoFrames}`),
  );
}

// What the address selects, once, when that stream is there.
function playFromAddress() {
  const [path, kind] = decodeURIComponent(location.hash.slice(1)).split(":");
  const stream = streams.find((s) => s.path === path);
  if (stream && !playing) play(stream, kind === "dash" ? "dash" : "hls");
}

async function poll() {
  try {
    const answer = await fetch("/streams.json", { cache: "no-store" });
    const fresh = (await answer.json()).streams;
    const changed = JSON.stringify(fresh) !== JSON.stringify(streams);
    streams = fresh;
    if (changed || !fresh.length) showStreams();
    if (changed) playFromAddress();
  } catch {
    element("summary").textContent = "The server does not answer";
  }
  setTimeout(poll, POLL_MS);
}

element("push").textContent = `rtmp://${location.hostname}/live/NAME`;
setInterval(showFacts, FACTS_MS);
poll();
