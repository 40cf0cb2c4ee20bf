"""A whole live presentation as bytes, for the tests that judge manifests against segments."""

import cmaf
import make_cmaf
import make_hls


def files(count=14, **others):
    """The init segments and segments that make_hls.Stream lists, by absolute URI, parsed.

    `others` are bytes by file name with '-' as '__' and no suffix: video__3=… is video-3.m4s.
    """
    data = {"video-init.mp4": make_cmaf.video_init(), "audio-init.mp4": make_cmaf.audio_init()}
    for number in range(count):
        data[f"video-{number}.m4s"] = make_cmaf.video_segment(number)
        data[f"audio-{number}.m4s"] = make_cmaf.audio_segment(number)
    for name, value in others.items():
        name = name.replace("__", "-")
        data[name + (".mp4" if name.endswith("init") else ".m4s")] = value
    return parse(data, make_hls.BASE)


def parse(data, base):
    """File names and bytes as absolute URIs and parsed files."""
    inits = {name: cmaf.parse_init(value) for name, value in data.items() if name.endswith(".mp4")}
    parsed = {base + name: init for name, init in inits.items()}
    for name, value in data.items():
        if name not in inits:
            init = inits.get(name.split("-")[0] + "-init.mp4")
            parsed[base + name] = cmaf.parse_segment(value, init)
    return parsed


class AudioStream(make_hls.Stream):
    """The audio playlist, whose segments last whole frames: EXTINF and dates follow the bytes."""

    def playlist(self, end, first=None, ended=False):
        text = super().playlist(end, first, ended)
        for number in range(end):
            bounds = [make_cmaf.audio_bounds(at) * make_cmaf.AUDIO_FRAME / make_cmaf.AUDIO_SCALE
                      for at in (number, number + 1)]
            text = text.replace(f"#EXTINF:1.000,\naudio-{number}.",
                                f"#EXTINF:{bounds[1] - bounds[0]:.6f},\naudio-{number}.")
        return text

    def date(self, number):
        start = make_cmaf.audio_bounds(number) * make_cmaf.AUDIO_FRAME / make_cmaf.AUDIO_SCALE
        return make_hls.Stream(epoch=self.epoch).date(start)
