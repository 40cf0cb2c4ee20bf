// The page at /: lists the streams of this server and plays one, by hls.js or dash.js.
// What plays is what the address says, #/live/demo:hls; a click changes the address. So a link to a
// stream can be sent, and the browser's way back works.

const POLL_MS = 2000;
const FACTS_MS = 500;

const element = (id) => document.getElementById(id);
const video = element("video");

let streams = null; // until the server has answered
let playing = null; // { path, kind, stop, latency, hasEnded }
let starts = 0; // a start that was overtaken by another gives way
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

function show(id, text) {
  element(id).textContent = text;
  element(id).hidden = !text;
}

function startHls(url) {
  const hls = new Hls();
  hls.on(Hls.Events.ERROR, (_, data) => {
    if (data.fatal) show("error", `HLS: ${data.details}`);
  });
  hls.once(Hls.Events.MANIFEST_PARSED, () => video.play().catch(showFailure));
  hls.loadSource(url);
  hls.attachMedia(video);
  return { stop: () => hls.destroy(), latency: () => hls.latency };
}

// dash.js starts the video itself: it reloads the MPD only if it sees the video begin to play.
function startDash(url) {
  const player = dashjs.MediaPlayer().create();
  player.on(dashjs.MediaPlayer.events.ERROR, (event) => show("error", `DASH: ${event.error.message}`));
  player.clearDefaultUTCTimingSources(); // this server is the only one to ask
  player.initialize(video, url, true);
  return { stop: () => player.destroy(), latency: () => player.getCurrentLiveLatency() };
}

const players = {
  hls: { script: "/player/hls.min.js", start: startHls },
  dash: { script: "/player/dash.all.min.js", start: startDash },
};

// A start that another one interrupts is none of the viewer's business.
function showFailure(error) {
  if (error.name !== "AbortError") show("error", error.message);
}

function stop() {
  starts += 1;
  playing?.stop();
  playing = null;
  show("error", "");
  element("facts").replaceChildren();
}

async function start(stream, kind) {
  stop();
  const mine = starts;
  playing = { path: stream.path, kind, stop: () => {}, latency: () => NaN, hasEnded: false };
  try {
    await load(players[kind].script);
    if (mine === starts) Object.assign(playing, players[kind].start(new URL(stream[kind], location).href));
  } catch (error) {
    if (mine === starts) showFailure(error);
  }
}

// { path, kind } of the address, or null. Without a kind, kind is undefined.
function wanted() {
  const [, path, kind] = /^#\/?([\w./-]+)(?::(hls|dash))?$/.exec(location.hash.replace("%3A", ":")) ?? [];
  return path ? { path: `/${path}`, kind } : null;
}

// What stands above the picture, where there is anything to say.
function notice(want, stream) {
  if (!want) return streams.length ? "Choose a stream to play it." : "";
  const name = want.path.slice(1);
  if (!stream && playing) return `${name} has ended; waiting for it to come back.`;
  if (!stream) return `There is no stream ${name}; waiting for it.`;
  return want.kind && !stream[want.kind] ? `${name} is not served by ${want.kind.toUpperCase()}.` : "";
}

// Makes what plays what the address says, as far as it is there.
function follow() {
  const want = wanted();
  const stream = want && streams?.find(({ path }) => path === want.path);
  const kind = want?.kind ?? (stream?.hls ? "hls" : "dash");
  if (!streams) return;
  if (playing && (playing.path !== want?.path || (want.kind ?? playing.kind) !== playing.kind)) stop();
  if (stream?.[kind] && (!playing || playing.hasEnded)) start(stream, kind);
  if (playing && !stream) playing.hasEnded = true; // what is left of it plays on
  show("notice", notice(want, stream));
  element("stage").hidden = !playing;
  showStreams();
}

// A click on what plays starts it again.
function select(path, kind) {
  const hash = `#${path}:${kind}`;
  if (location.hash === hash) stop();
  location.hash = hash;
  follow();
}

function button(stream, kind) {
  const b = document.createElement("button");
  b.textContent = kind.toUpperCase();
  b.setAttribute("aria-label", `Play ${stream.path.slice(1)} by ${kind.toUpperCase()}`);
  b.setAttribute("aria-pressed", String(playing?.path === stream.path && playing.kind === kind));
  b.onclick = () => select(stream.path, kind);
  return b;
}

function showStreams() {
  const items = streams.map((stream) => {
    const item = document.createElement("li");
    const name = document.createElement("span");
    name.className = "name";
    name.textContent = stream.path.slice(1);
    name.onclick = () => select(stream.path, stream.hls ? "hls" : "dash");
    item.append(name);
    if (playing?.path === stream.path) item.setAttribute("aria-current", "true");
    for (const kind of ["hls", "dash"]) if (stream[kind]) item.append(button(stream, kind));
    return item;
  });
  element("streams").replaceChildren(...items);
  element("empty").hidden = streams.length > 0;
}

function showSummary() {
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

async function poll() {
  try {
    const answer = await fetch("/streams.json", { cache: "no-store" });
    const fresh = (await answer.json()).streams;
    const hasChanged = JSON.stringify(fresh) !== JSON.stringify(streams);
    streams = fresh;
    if (hasChanged) follow();
    showSummary();
  } catch {
    element("summary").textContent = "The server does not answer";
  }
  setTimeout(poll, POLL_MS);
}

element("push").textContent = `rtmp://${location.hostname}/live/NAME`;
window.addEventListener("hashchange", follow);
setInterval(showFacts, FACTS_MS);
poll();
