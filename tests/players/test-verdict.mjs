// The verdict on diaries: smooth playback passes, and each disturbance alone fails.
//
//   node --test test-verdict.mjs

import assert from 'node:assert/strict';
import test from 'node:test';
import { judge } from './verdict.mjs';

const sample = (at_ms, time, buffered = [[0, time + 5]]) => ({ at_ms, time, ready: 4, buffered, dropped: 0, frames: 0 });

function diary(changes = {}) {
  const samples = [sample(0, 0, []), ...Array.from({ length: 40 }, (_, at) => sample(1000 + at * 250, at * 0.25))];
  return { playingSince: 1000, samples, stalls: [], seeks: 0, errors: [], latency: 4, ended: false, size: [640, 360], ...changes };
}

test('smooth playback is ok', () => {
  const result = judge(diary());
  assert.deepEqual(result.faults, []);
  assert.equal(result.ok, true);
  assert.equal(result.progress, 1);
  assert.equal(result.startup_s, 1);
});

test('holes in the buffer before the start do not count', () => {
  const { samples } = diary();
  samples[0].buffered = [[0, 1], [2, 3]];
  assert.equal(judge(diary({ samples })).ok, true);
});

test('an end may be allowed', () => {
  assert.equal(judge(diary({ ended: true }), true).ok, true);
});

test('a page that could not run is known by its pause', () => {
  const { samples } = diary();
  assert.equal(judge(diary()).longest_pause_s, 0.25);
  assert.equal(judge(diary({ samples: samples.filter(({ at_ms }) => at_ms < 3000 || at_ms > 5000) })).longest_pause_s, 2.5);
});

test('the latency is that of the second half', () => {
  const samples = diary().samples.map((one, at) => ({ ...one, latency: at < 10 ? 9 : at % 2 ? 2 : 2.5 }));
  assert.deepEqual(judge(diary({ samples })).latencies_s, [2, 2.5]);
  assert.equal(judge(diary()).latencies_s, null);
});

test('how old pictures are is that of the second half', () => {
  const glass = Array.from({ length: 200 }, (_, at) => (at < 100 ? 9000 : 1000 + at));
  assert.deepEqual(judge(diary({ glass })).glass_s, [1.15, 1.195]);
  assert.equal(judge(diary()).glass_s, null);
});

const slow = diary().samples.map((one) => ({ ...one, time: one.time * 0.9 }));
const torn = diary().samples.map((one) => ({ ...one, buffered: [[0, 1], [2, 9]] }));

const disturbances = {
  'playback that never starts': [{ playingSince: null }, 'playback did not start'],
  'playback slower than the clock': [{ samples: slow }, 'progress is 0.9 of the wall clock'],
  'an error': [{ errors: [{ source: 'http', text: '404' }] }, '1 errors'],
  'a stall': [{ stalls: [{ at_ms: 2000, time: 1 }] }, '1 stalls'],
  'a seek': [{ seeks: 1 }, '1 seeks over gaps or to the live edge'],
  'an end': [{ ended: true }, 'the stream ended'],
  'a hole in the buffer': [{ samples: torn }, '2 buffered ranges'],
};

for (const [name, [changes, fault]] of Object.entries(disturbances)) {
  test(`${name} is a fault`, () => {
    const result = judge(diary(changes));
    assert.deepEqual(result.faults, [fault]);
    assert.equal(result.ok, false);
  });
}
