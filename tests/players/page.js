// Runs in the browser: starts one of the players on a <video>, and keeps a diary of what happens.
// play.mjs calls startPlayer() once and diary() at the end.

const video = document.querySelector('video');
const began = performance.now();
const errors = [];
const samples = [];
const stalls = [];
const glass = []; // ms, where the pictures have a clock
let seeks = 0;
let playingSince = null; // wall-clock ms, set once pictures move
let latency = () => null;

const now = () => Math.round(performance.now() - began);
const note = (source, text) => errors.push({ at_ms: now(), source, text });

// Each adapter starts playback in its player's own way (dash.js must see the play event, or it does not
// reload the MPD), reports every error event, and says how to read the live latency.
const adapters = {
  page() {}, // the server's own page, which plays by itself

  hlsjs(url, lowLatency) {
    const hls = new Hls({ lowLatencyMode: lowLatency, maxLiveSyncPlaybackRate: lowLatency ? 1.5 : 1 });
    hls.on(Hls.Events.ERROR, (_, data) => {
      note('hls.js', `${data.fatal ? 'fatal ' : ''}${data.type}: ${data.details}: ${data.error ?? data.reason ?? ''}`);
    });
    hls.loadSource(url);
    hls.attachMedia(video);
    hls.once(Hls.Events.MANIFEST_PARSED, () => video.play());
    latency = () => hls.latency;
  },

  dash(url, lowLatency) {
    const player = dashjs.MediaPlayer().create();
    const { ERROR, PLAYBACK_ERROR } = dashjs.MediaPlayer.events;
    for (const event of [ERROR, PLAYBACK_ERROR]) {
      player.on(event, ({ error }) => note('dash.js', `${error?.code ?? ''} ${error?.message ?? error}`));
    }
    // Where an MPD names no clock, dash.js would ask a server of its own choice.
    const clock = { scheme: 'urn:mpeg:dash:utc:http-xsdate:2014', value: `${location.origin}/time` };
    player.updateSettings({
      streaming: {
        liveCatchup: { enabled: lowLatency },
        utcSynchronization: { defaultTimingSource: clock },
      },
    });
    player.initialize(video, url, true);
    latency = () => player.getCurrentLiveLatency();
  },

  async shaka(url, lowLatency) {
    shaka.polyfill.installAll();
    const player = new shaka.Player();
    player.addEventListener('error', ({ detail }) => note('shaka', `${detail.code}: ${detail.message}`));
    // Before the first picture it only looks for the place to begin at.
    player.addEventListener('gapjumped', () => {
      if (playingSince !== null) note('shaka', 'a gap was jumped over');
    });
    player.configure('streaming.lowLatencyMode', lowLatency);
    await player.attach(video);
    await player.load(url);
    await video.play();
    latency = () => player.getStats().liveLatency;
  },
};

function ranges() {
  const { buffered } = video;
  return Array.from({ length: buffered.length }, (_, at) => [buffered.start(at), buffered.end(at)]);
}

function liveLatency() {
  const value = latency();
  return Number.isFinite(value) ? value : null;
}

function sample() {
  const quality = video.getVideoPlaybackQuality();
  if (playingSince === null && video.currentTime > 0 && !video.paused && video.readyState >= 3) {
    playingSince = now();
  }
  samples.push({
    at_ms: now(),
    time: video.currentTime,
    ready: video.readyState,
    buffered: ranges(),
    latency: liveLatency(),
    dropped: quality.droppedVideoFrames,
    frames: quality.totalVideoFrames,
  });
}

// The time that bars at the top of the picture tell (bench/latency makes them): 24 bits of milliseconds and four
// that are the XOR of their nibbles. null: there are no bars, or they are blurred.
function readBars(context) {
  context.drawImage(video, 0, 32, 640, 8, 0, 0, 640, 8);
  const { data } = context.getImageData(0, 4, 640, 1);
  const bits = Array.from({ length: 28 }, (_, at) => (data[4 * (40 + 20 * at + 10)] > 128 ? 1 : 0));
  const number = (some) => some.reduce((sum, bit) => sum * 2 + bit, 0);
  const sum = [0, 4, 8, 12, 16, 20].reduce((all, at) => all ^ number(bits.slice(at, at + 4)), 0);
  return sum === number(bits.slice(24)) ? number(bits.slice(0, 24)) : null;
}

// Notes how old each picture is at the moment it is shown.
function watchClock() {
  const canvas = new OffscreenCanvas(640, 8);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const look = () => {
    const taken = readBars(context);
    if (taken !== null) glass.push((Date.now() - taken) & 0xffffff);
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
}

function watchVideo() {
  video.addEventListener('error', () => note('video', `${video.error.code}: ${video.error.message}`));
  video.addEventListener('waiting', () => {
    if (playingSince !== null && !video.ended) stalls.push({ at_ms: now(), time: video.currentTime });
  });
  video.addEventListener('seeking', () => {
    if (playingSince !== null) seeks += 1;
  });
  window.addEventListener('error', ({ message }) => note('page', message));
  window.addEventListener('unhandledrejection', ({ reason }) => note('page', String(reason?.message ?? reason)));
  setInterval(sample, 250);
}

window.startPlayer = async (player, url, lowLatency, clock) => {
  watchVideo();
  if (clock) watchClock();
  try {
    await adapters[player](url, lowLatency);
  } catch (error) {
    note(player, `${error.code ?? error.name}: ${error.message ?? ''}`);
  }
};

window.isPlaying = () => playingSince !== null;
window.isOver = () => video.ended;

window.diary = () => {
  sample();
  return {
    playingSince, samples, stalls, seeks, errors, glass,
    latency: liveLatency(),
    ended: video.ended,
    size: [video.videoWidth, video.videoHeight],
  };
};
