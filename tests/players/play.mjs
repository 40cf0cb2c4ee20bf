#!/usr/bin/env node
// Plays a live URL in headless Chromium, and says whether it played smoothly.
//
//   node play.mjs --player hlsjs|dash|shaka|page --url URL [--seconds 20] [--startup 20]
//                 [--low-latency] [--clock] [--may-end] [--chromium /usr/bin/chromium]
//
// With --clock, the pictures have bars that tell when they were taken (bench/latency).
// With --player page, URL is that of a page that plays by itself, such as http://HOST/#/live/x:hls.
//
// Prints one line of JSON (verdict.mjs). The exit status is 0 if playback advanced with the wall clock,
// without error, stall, seek, hole in the buffer or (without --may-end) an end; 1 if not; 2 if it could not
// be tried. The page of a player comes from another port than the stream, so the origin's CORS headers are needed, as
// in life.

import { createServer } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import puppeteer from 'puppeteer-core';
import { judge } from './verdict.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const bundles = {
  hlsjs: 'node_modules/hls.js/dist/hls.min.js',
  dash: 'node_modules/dashjs/dist/legacy/umd/dash.all.min.js',
  shaka: 'node_modules/shaka-player/dist/shaka-player.compiled.js',
};
const page = '<!doctype html><meta charset="utf-8"><video muted playsinline></video>'
  + '<script src="/player.js"></script><script src="/page.js"></script>';
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];

function readOptions() {
  const { values } = parseArgs({
    options: {
      player: { type: 'string' },
      url: { type: 'string' },
      seconds: { type: 'string', default: '20' },
      startup: { type: 'string', default: '20' },
      'low-latency': { type: 'boolean', default: false },
      clock: { type: 'boolean', default: false },
      'may-end': { type: 'boolean', default: false },
      chromium: { type: 'string', default: '/usr/bin/chromium' },
    },
  });
  if (values.player === 'dashjs') values.player = 'dash';
  if (!(values.player in bundles || values.player === 'page') || !values.url) {
    throw new Error(`usage: play.mjs --player ${Object.keys(bundles).join('|')}|page --url URL`);
  }
  return { ...values, seconds: Number(values.seconds), startup: Number(values.startup) };
}

// Serves the page of one of the bundled players, for the time of USE(address).
async function withPage(player, use) {
  const files = {
    '/': ['text/html', page],
    '/page.js': ['text/javascript', await readFile(join(here, 'page.js'))],
    '/player.js': ['text/javascript', await readFile(join(here, bundles[player]))],
  };
  const server = createServer((request, response) => {
    if (request.url.startsWith('/time')) files[request.url] = ['text/plain', new Date().toISOString()];
    const [type, body] = files[request.url] ?? [];
    response.writeHead(body ? 200 : 204, type ? { 'Content-Type': type } : {});
    response.end(body);
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  try {
    return await use(`http://127.0.0.1:${server.address().port}/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

// Requests that the origin refused or that failed are errors too, whatever the player makes of them.
// What the player itself gave up is none.
function watchNetwork(tab, errors) {
  tab.on('response', (response) => {
    if (response.status() >= 400) errors.push({ source: 'http', text: `${response.status()} ${response.url()}` });
  });
  tab.on('requestfailed', (request) => {
    const text = request.failure()?.errorText ?? '';
    if (text !== 'net::ERR_ABORTED') errors.push({ source: 'http', text: `${text} ${request.url()}` });
  });
}

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

async function until(tab, question, seconds) {
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    if (await tab.evaluate(question)) return true;
    await pause(100);
  }
  return false;
}

async function play(browser, address, options) {
  const tab = await browser.newPage();
  const errors = [];
  watchNetwork(tab, errors);
  await tab.goto(address);
  if (options.player === 'page') await tab.addScriptTag({ path: join(here, 'page.js') });
  // Not awaited: it settles only when the player has loaded the stream, which may never happen.
  const { player, url, clock } = options;
  tab.evaluate((...all) => { window.startPlayer(...all); }, player, url, options['low-latency'], clock);
  if (await until(tab, 'isPlaying()', options.startup)) await until(tab, 'isOver()', options.seconds);
  const diary = await tab.evaluate('diary()');
  return judge({ ...diary, errors: [...diary.errors, ...errors] }, options['may-end']);
}

async function withBrowser(chromium, use) {
  const profile = await mkdtemp(join(tmpdir(), 'mediagraph-player-'));
  let browser;
  try {
    browser = await puppeteer.launch({
      executablePath: chromium,
      userDataDir: profile,
      acceptInsecureCerts: true,
      args: flags,
    });
    return await use(browser);
  } finally {
    await browser?.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function main() {
  const options = readOptions();
  const playAt = (address) => withBrowser(options.chromium, (browser) => play(browser, address, options));
  const result = await (options.player === 'page' ? playAt(options.url) : withPage(options.player, playAt));
  console.log(JSON.stringify({ player: options.player, url: options.url, ...result }));
  process.exitCode = result.ok ? 0 : 1;
}

main().catch((error) => {
  console.error(`play.mjs: ${error.message}`);
  process.exitCode = 2;
});
