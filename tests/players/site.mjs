#!/usr/bin/env node
// Uses the player page at / as a person would: finds a stream in the list, and clicks its buttons.
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

async function check(tab, faults) {
  await tab.goto(options.url);
  for (const kind of ['HLS', 'DASH']) {
    const button = `::-p-aria(Play ${options.stream} by ${kind})`;
    await (await tab.waitForSelector(button, { timeout: options.startup * 1000 })).click();
    try {
      const start = await tab.waitForFunction(
        'video.readyState >= 3 && video.currentTime > 0 && !video.paused && video.currentTime',
        { timeout: options.startup * 1000 });
      const from = await start.jsonValue();
      await tab.waitForFunction(`video.currentTime >= ${from + Number(options.seconds)}`,
        { timeout: (Number(options.seconds) + Number(options.startup)) * 1000 });
    } catch (error) {
      faults.push(`${kind} does not play: ${error.message}`);
    }
    const shown = await tab.$eval('#error', (box) => (box.hidden ? '' : box.textContent));
    if (shown) faults.push(`${kind}: the page says: ${shown}`);
  }
  const summary = await tab.$eval('#summary', (box) => box.textContent);
  if (summary !== '1 live stream') faults.push(`the summary is "${summary}"`);
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
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(options.url)) {
        faults.push(`the page asks another server: ${request.url()}`);
      }
    });
    await check(tab, faults);
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
