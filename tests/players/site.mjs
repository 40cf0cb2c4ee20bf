#!/usr/bin/env node
// Uses the player page at / as a person would: finds a stream in the list, clicks its buttons, changes the
// address, and opens the address of a stream that is not there yet.
//
//   node site.mjs --url http://HOST:PORT/ --stream live/x [--seconds 4] [--chromium /usr/bin/chromium]
//
// Prints what is wrong. The exit status is 0 if pictures moved for so many seconds by each protocol.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import puppeteer from 'puppeteer-core';

const { values: options } = parseArgs({
  options: {
    url: { type: 'string' },
    stream: { type: 'string' },
    seconds: { type: 'string', default: '4' },
    startup: { type: 'string', default: '20' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});

const flags = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];

const seconds = (text) => ({ timeout: Number(text) * 1000 });

const shown = (tab, selector) => tab.$eval(selector, (box) => (box.hidden ? '' : box.textContent));

// Waits until the page says TEXT above the picture, and until it says nothing for ''.
async function expectNotice(tab, text, faults) {
  const says = `(notice.hidden ? '' : notice.textContent) === ${JSON.stringify(text)}`;
  try {
    await tab.waitForFunction(says, seconds(options.startup));
  } catch {
    faults.push(`the notice is "${await shown(tab, '#notice')}" instead of "${text}"`);
  }
}

async function expectPictures(tab, what, faults) {
  try {
    const start = await tab.waitForFunction(
      'video.readyState >= 3 && video.currentTime > 0 && !video.paused && video.currentTime',
      seconds(options.startup));
    const from = await start.jsonValue();
    await tab.waitForFunction(`video.currentTime >= ${from + Number(options.seconds)}`,
      seconds(Number(options.seconds) + Number(options.startup)));
  } catch (error) {
    faults.push(`${what} does not play: ${error.message}`);
  }
  const says = await shown(tab, '#error');
  if (says) faults.push(`${what}: the page says: ${says}`);
}

const goTo = (tab, hash) => tab.evaluate((text) => { window.location.hash = text; }, hash);

async function checkClicks(tab, faults) {
  await tab.goto(options.url);
  await expectNotice(tab, 'Choose a stream to play it.', faults);
  for (const kind of ['HLS', 'DASH']) {
    const button = `::-p-aria(Play ${options.stream} by ${kind})`;
    await (await tab.waitForSelector(button, seconds(options.startup))).click();
    await expectPictures(tab, kind, faults);
  }
  const summary = await tab.$eval('#summary', (box) => box.textContent);
  if (summary !== '1 live stream') faults.push(`the summary is "${summary}"`);
}

// The page is open all the time, and only its address changes.
async function checkAddress(tab, faults) {
  await goTo(tab, '/live/nope:hls');
  await expectNotice(tab, 'There is no stream live/nope; waiting for it.', faults);
  if (await tab.$eval('#stage', (box) => !box.hidden)) faults.push('a stream that is not there has a picture');
  await goTo(tab, `/${options.stream}:dash`);
  await expectPictures(tab, 'the address by DASH', faults);
  await goTo(tab, `/${options.stream}:hls`);
  await expectPictures(tab, 'the address by HLS', faults);
  await expectNotice(tab, '', faults);
}

// The address is there before the stream: the list is kept empty until the page has said so.
async function checkWaiting(tab, faults) {
  let isEmpty = true;
  await tab.setRequestInterception(true);
  tab.on('request', (request) => {
    if (isEmpty && request.url().endsWith('/streams.json')) request.respond({ body: '{"streams":[]}' });
    else request.continue();
  });
  await tab.goto('about:blank');
  await tab.goto(`${options.url}#/${options.stream}:hls`);
  await expectNotice(tab, `There is no stream ${options.stream}; waiting for it.`, faults);
  isEmpty = false;
  await expectPictures(tab, 'a stream that was waited for', faults);
}

async function main() {
  const profile = await mkdtemp(join(tmpdir(), 'mediagraph-site-'));
  const browser = await puppeteer.launch({
    executablePath: options.chromium, userDataDir: profile, args: flags,
  });
  const faults = [];
  try {
    const tab = await browser.newPage();
    tab.on('pageerror', (error) => faults.push(`page: ${error.message}`));
    tab.on('response', (response) => {
      if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`);
    });
    tab.on('request', (request) => {
      if (!/^(data|blob|about):/.test(request.url()) && !request.url().startsWith(options.url)) {
        faults.push(`the page asks another server: ${request.url()}`);
      }
    });
    await checkClicks(tab, faults);
    await checkAddress(tab, faults);
    await checkWaiting(tab, faults);
  } finally {
    await browser.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
  for (const fault of faults) console.log(fault);
  process.exitCode = faults.length ? 1 : 0;
}

main().catch((error) => {
  console.error(`site.mjs: ${error.message}`);
  process.exitCode = 2;
});
