"""A valid low-latency presentation for the checkers' own tests: make_hls.Stream with parts of a fifth of a second.

A state is the number of parts that have come, PARTS to a segment. Bytes are make_cmaf's, one chunk per part.
"""

import make_cmaf
import make_hls

PARTS = 5
FRAMES = 25 // PARTS
SKIP_UNTIL = 6
CONTROL = f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL={SKIP_UNTIL}.000,PART-HOLD-BACK=0.600"


class PartStream(make_hls.Stream):
    """`length` segments in the window, of one second; the last three have parts."""

    def state(self, parts, skip=False, ended=False, reports=()):
        """The playlist when so many parts have come."""
        end, trailing = divmod(parts, PARTS)
        lines = self.playlist(end).replace("VERSION:6", "VERSION:9").splitlines()
        lines = self._with_parts(lines, end)
        lines[3:3] = [CONTROL, "#EXT-X-PART-INF:PART-TARGET=0.200"]
        if trailing:
            lines += self._break(end) + [f"#EXT-X-PROGRAM-DATE-TIME:{self.date(end)}"]
            lines += [self.part_line(end, at) for at in range(trailing)]
        if not ended:
            lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{self.part(end, trailing)}"')
            lines += [f'#EXT-X-RENDITION-REPORT:URI="{uri}",LAST-MSN={msn},LAST-PART={part}'
                      for uri, msn, part in reports]
        else:
            lines.append("#EXT-X-ENDLIST")
        return "\n".join(self._skipped(lines, end) if skip else lines) + "\n"

    def part(self, number, at):
        return f"{self.name}-{number}.{at}.m4s"

    def part_line(self, number, at):
        independent = ",INDEPENDENT=YES" if at == 0 else ""
        return f'#EXT-X-PART:DURATION=0.200000,URI="{self.part(number, at)}"{independent}'

    def _break(self, number):
        if number not in self.breaks:
            return []
        return ["#EXT-X-DISCONTINUITY", f'#EXT-X-MAP:URI="{self.init_at(number)}"']

    def _with_parts(self, lines, end):
        made = []
        for line in lines:
            number = next((n for n in range(end - 2, end) if f"{self.name}-{n}.m4s" == line), None)
            if number is not None:
                inf = made.pop()
                made += [self.part_line(number, at) for at in range(PARTS)] + [inf]
            made.append(line)
        return made

    def _skipped(self, lines, end):
        """Without the segments that end SKIP_UNTIL seconds or more before the end."""
        first = max(0, end - self.length)
        n = max(0, end - first - SKIP_UNTIL)
        while n > 0 and any(first <= at < first + n for at in self.breaks):
            n -= 1
        if n <= 0:
            return lines
        head = next(at for at, line in enumerate(lines) if line.startswith(("#EXT-X-MAP", "#EXT-X-DISCONTINUITY\n")))
        behind = lines.index(f"{self.name}-{first + n - 1}.m4s") + 1
        maps = [f'#EXT-X-MAP:URI="{self.init_at(first + n)}"']
        return lines[:head] + [f"#EXT-X-SKIP:SKIPPED-SEGMENTS={n}"] + maps + lines[behind:]

    def states(self, first, end):
        """(time, text) of each state."""
        return [(self.epoch + parts / PARTS, self.state(parts)) for parts in range(first, end)]


def part_bytes(number, at):
    samples = make_cmaf.video_samples()[at * FRAMES:(at + 1) * FRAMES]
    time = number * make_cmaf.VIDEO_SCALE + at * FRAMES * make_cmaf.FRAME
    chunk = make_cmaf.chunk(number * PARTS + at + 1, time, samples)
    return make_cmaf.segment(chunk, brands=("msdh", "cmfs") if at == 0 else None)


def segment_bytes(number):
    return b"".join(part_bytes(number, at) for at in range(PARTS))
