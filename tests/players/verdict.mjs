// From the diary of a page to a verdict: was this smooth playback?

const MIN_PROGRESS = 0.95;

/** The longest time between two samples, which are due four times a second, in ms. */
const longestPause = (samples) => Math.max(0, ...samples.slice(1).map((one, at) => one.at_ms - samples[at].at_ms));

/** The smallest and the largest live latency that the player knew of in the second half. */
function latencies(samples) {
  const known = samples.slice(samples.length / 2).map(({ latency }) => latency).filter((one) => Number.isFinite(one));
  return known.length ? [Math.min(...known), Math.max(...known)] : null;
}

/** How old pictures were on the screen, in the second half: the median, and 95 of 100. */
function glassToGlass(ages = []) {
  const sorted = ages.slice(ages.length / 2).sort((a, b) => a - b);
  return sorted.length ? [0.5, 0.95].map((share) => sorted[Math.floor(sorted.length * share)] / 1000) : null;
}

const round = (value) => Math.round(value * 1000) / 1000;

/**
 * @param diary what page.js kept, `errors` of the network included
 * @param mayEnd whether the stream may end while it is watched
 * @returns the result that play.mjs prints; `faults` says in words why `ok` is false
 */
export function judge(diary, mayEnd = false) {
  const steady = diary.samples.filter(({ at_ms }) => diary.playingSince !== null && at_ms >= diary.playingSince);
  const first = steady.at(0);
  const last = steady.at(-1);
  const wall = first ? (last.at_ms - first.at_ms) / 1000 : 0;
  const progress = wall > 0 ? (last.time - first.time) / wall : 0;
  const mostRanges = Math.max(0, ...steady.map(({ buffered }) => buffered.length));
  const faults = [];
  if (diary.playingSince === null) faults.push('playback did not start');
  else if (progress < MIN_PROGRESS) faults.push(`progress is ${round(progress)} of the wall clock`);
  if (diary.ended && !mayEnd) faults.push('the stream ended');
  if (diary.errors.length) faults.push(`${diary.errors.length} errors`);
  if (diary.stalls.length) faults.push(`${diary.stalls.length} stalls`);
  if (diary.seeks) faults.push(`${diary.seeks} seeks over gaps or to the live edge`);
  if (mostRanges > 1) faults.push(`${mostRanges} buffered ranges`);
  return {
    ok: faults.length === 0,
    faults,
    startup_s: diary.playingSince === null ? null : round(diary.playingSince / 1000),
    played_s: first ? round(last.time - first.time) : 0,
    wall_s: round(wall),
    progress: round(progress),
    longest_pause_s: round(longestPause(steady) / 1000),
    glass_s: glassToGlass(diary.glass),
    latencies_s: latencies(steady)?.map(round) ?? null,
    latency_s: diary.latency === null ? null : round(diary.latency),
    current_time: last ? round(last.time) : null,
    ready_state: last?.ready ?? null,
    buffered: last?.buffered.map((range) => range.map(round)) ?? [],
    most_ranges: mostRanges,
    dropped_frames: last?.dropped ?? 0,
    frames: last?.frames ?? 0,
    size: diary.size,
    stalls: diary.stalls,
    seeks: diary.seeks,
    ended: diary.ended,
    errors: diary.errors,
  };
}
