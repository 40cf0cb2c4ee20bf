#!/usr/bin/env node
// Parses HLS playlists with hls-parser in its strict mode: a second opinion beside tests/checkers.
//
//   node hls-parser.mjs PLAYLIST...      files, or URLs: then what a multivariant playlist names as well
//
// Prints a line for each playlist that is refused. The exit status is 1 if there is one.

import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import * as HLS from 'hls-parser';

HLS.setOptions({ strictMode: true, silent: true });

async function read(url) {
  if (url.protocol === 'file:') return readFile(url, 'utf8');
  const response = await fetch(url);
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.text();
}

function mediaPlaylists(playlist) {
  const renditions = playlist.variants.flatMap(({ audio, video, subtitles }) => [...audio, ...video, ...subtitles]);
  return [...playlist.variants, ...renditions].map(({ uri }) => uri).filter(Boolean);
}

async function check(url, refused) {
  try {
    const playlist = HLS.parse(await read(url));
    if (!playlist.isMasterPlaylist || url.protocol === 'file:') return;
    const named = new Set(mediaPlaylists(playlist).map((uri) => new URL(uri, url).href));
    for (const uri of named) await check(new URL(uri), refused);
  } catch (error) {
    refused.push(`${url}: ${error.message}`);
  }
}

const names = process.argv.slice(2);
if (names.length === 0) {
  console.error('usage: hls-parser.mjs PLAYLIST...');
  process.exit(2);
}
const refused = [];
for (const name of names) {
  await check(/^https?:/.test(name) ? new URL(name) : pathToFileURL(name), refused);
}
for (const line of refused) console.log(line);
process.exitCode = refused.length ? 1 : 0;
