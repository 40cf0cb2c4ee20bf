"""The rules of CMAF init segments and segments (ISO/IEC 23000-19): C1 to C4, C6 to C8 and C10.

Rules of one init segment and of one segment stand in the tables INIT_RULES and SEGMENT_RULES; what
concerns neighbours in time is in check_sequence, what concerns tracks side by side in check_alignment.
"""

from dataclasses import dataclass
from fractions import Fraction

from boxes import BoxFault
from cmaf_model import Init, Segment, parse_init, parse_segment, track_of

MEDIA_BRANDS = {
    "avc1": {"cfsd", "cfhd", "chdf"},
    "avc3": {"cfsd", "cfhd", "chdf"},
    "hvc1": {"chhd", "chh1", "cud8", "cud1", "chd1", "clg1"},
    "hev1": {"chhd", "chh1", "cud8", "cud1", "chd1", "clg1"},
    "mp4a": {"caac", "caaa", "camc"},
}
SEGMENT_BRANDS = {"msdh", "cmfs"}
SEGMENT_BOXES = {"styp", "prft", "emsg", "sidx", "moof", "mdat"}
IDR_TYPES = {"avc": {5}, "hvc": {16, 17, 18, 19, 20}, "hev": {16, 17, 18, 19, 20}}
PARAMETER_SET_TYPES = {"avc1": {7, 8}, "hvc1": {32, 33, 34}}
MAX_VIDEO_SIZE = 1920 * 1088  # no CMAF media profile of AVC goes beyond
TIME_LIMIT = 2**63


@dataclass
class Piece:
    """A segment in its place: what a manifest says about it."""

    uri: str
    segment: Segment
    init: Init
    starts_continuity: bool = False

    @property
    def track(self):
        return track_of(self.init, self.segment.chunks[0])

    def start(self):
        return Fraction(self.segment.time, self.track.timescale)

    def seconds(self):
        return Fraction(self.segment.duration(), self.track.timescale)


def read_init(data, uri, findings):
    """The parsed init segment, checked; None (and a finding) if it cannot be parsed."""
    try:
        init = parse_init(data)
    except BoxFault as fault:
        findings.add("C1", uri, f"the init segment cannot be parsed: {fault}")
        return None
    check_init(init, uri, findings)
    return init


def read_segment(data, init, uri, findings, starts_segment=True):
    """The parsed segment, checked; None (and a finding) if it cannot be parsed."""
    try:
        segment = parse_segment(data, init)
    except BoxFault as fault:
        findings.add("C2", uri, f"the segment cannot be parsed: {fault}")
        return None
    check_segment(segment, init, uri, findings, starts_segment)
    return segment


def check_init(init, uri, findings):
    for rule in INIT_RULES:
        rule(init, lambda name, text: findings.add(name, uri, text))


def check_segment(segment, init, uri, findings, starts_segment=True):
    for rule in SEGMENT_RULES:
        rule(segment, init, starts_segment, lambda name, text: findings.add(name, uri, text))


def decodes_with(segment, init):
    """Why the segment does not belong to the init segment, or None."""
    for chunk in segment.chunks:
        if track_of(init, chunk) is None:
            return f"track {chunk.track_id} is not in the init segment"
    return None


# Init segments

def check_file_brands(init, add):
    if init.kinds[0] != "ftyp":
        add("C1", f"the first box is '{init.kinds[0]}', not 'ftyp'")
        return
    if not {"cmfc", "cmf2"} & set(init.brands):
        add("C1", "there is no brand 'cmfc' or 'cmf2'")
    if "iso6" not in init.brands:
        add("C1", "there is no brand 'iso6'")
    for track in init.tracks:
        wanted = MEDIA_BRANDS.get(track.entry, set())
        beyond = track.width * track.height > MAX_VIDEO_SIZE
        if wanted and not beyond and not wanted & set(init.brands):
            add("C1", f"there is no media profile brand for {track.codec}")


def check_moov(init, add):
    if len(init.tracks) != 1:
        add("C1", f"there are {len(init.tracks)} tracks in one file")
    for track in init.tracks:
        if track.samples:
            add("C1", "the 'moov' describes samples")
        if track.track_id not in init.defaults:
            add("C1", f"track {track.track_id} has no 'trex'")
    for kind in init.kinds:
        if kind in ("moof", "mdat"):
            add("C1", f"there is a '{kind}' in the init segment")


def check_no_edits(init, add):
    for track in init.tracks:
        if track.edits is not None:
            add("C3", "there is an edit list")


def check_parameter_sets(init, add):
    for track in init.tracks:
        if track.entry in ("avc3", "hev1"):
            add("C7", f"the sample entry is '{track.entry}'; players want parameter sets out of band")
        elif track.nal_length and not track.parameter_sets:
            add("C7", f"the decoder configuration of '{track.entry}' has no parameter sets")


def check_timescale(init, add):
    for track in init.tracks:
        scale = track.timescale
        if track.handler == "soun" and scale != track.sample_rate:
            add("C10", f"the timescale is {scale}, the sample rate {track.sample_rate}")
        if track.handler == "vide" and scale != 90000 and (scale % 1000 or not 10000 <= scale <= 240000):
            add("C10", f"the timescale {scale} is neither 90000 nor 1000 times a frame rate")


# Segments

def check_layout(segment, init, starts_segment, add):
    strange = set(segment.kinds) - SEGMENT_BOXES
    if strange:
        add("C2", f"there are boxes {sorted(strange)}")
    if segment.kinds[-1] != "mdat":
        add("C2", f"the last box is '{segment.kinds[-1]}'")
    for kind, following in zip(segment.kinds, segment.kinds[1:]):
        if kind == "prft" and following not in ("emsg", "moof"):
            add("C2", f"a 'prft' is followed by '{following}'")
    for chunk in segment.chunks:
        if chunk.reference is not None and chunk.reference[1] != chunk.time:
            add("C2", f"a 'prft' is about {chunk.reference[1]}, its chunk starts at {chunk.time}")
    first = segment.chunks[0].brands
    if starts_segment and (segment.kinds[0] != "styp" or not SEGMENT_BRANDS & set(first or ())):
        add("C2", "the segment does not start with a 'styp' of brand 'msdh' or 'cmfs'")
    for chunk in segment.chunks[1:]:
        if "cmfs" in (chunk.brands or ()):
            add("C2", "a 'styp' inside of the segment has the brand 'cmfs', as if a segment started")


def check_chunks(segment, init, starts_segment, add):
    for chunk in segment.chunks:
        if chunk.trafs != 1 or chunk.runs != 1:
            add("C2", f"a chunk has {chunk.trafs} 'traf' and {chunk.runs} 'trun'")
        if chunk.tfhd_flags & 0x1 or not chunk.tfhd_flags & 0x20000:
            add("C2", "'tfhd' has a base data offset, or does not make the 'moof' the base")
        if chunk.tfdt_version != 1:
            add("C2", f"'tfdt' is missing or not of version 1 ({chunk.tfdt_version})")
        if chunk.data_offset != chunk.moof_size + chunk.mdat_header:
            add("C2", f"the data offset is {chunk.data_offset}, the data start at "
                f"{chunk.moof_size + chunk.mdat_header}")
        total = sum(sample.size for sample in chunk.samples)
        if total != chunk.mdat_size or not chunk.samples:
            add("C2", f"{len(chunk.samples)} samples have {total} bytes, the 'mdat' {chunk.mdat_size}")
    for before, chunk in zip(segment.chunks, segment.chunks[1:]):
        if chunk.sequence <= before.sequence:
            add("C2", f"the sequence number goes from {before.sequence} to {chunk.sequence}")


def check_defaults_are_explicit(segment, init, starts_segment, add):
    """The demands of 'cmf2': nothing is left to the 'trex'."""
    if init is None or "cmf2" not in init.brands:
        return
    for chunk in segment.chunks:
        for name, in_tfhd, in_trun in (("sample description index", 0x2, 0), ("duration", 0x8, 0x100),
                                       ("size", 0x10, 0x200), ("flags", 0x20, 0x400)):
            if not (chunk.tfhd_flags & in_tfhd or chunk.run_flags & in_trun):
                add("C3", f"the {name} of the samples is left to the 'trex'")
        if chunk.run_flags & 0x800 and chunk.run_version != 1:
            add("C3", "the composition offsets are in a 'trun' of version 0")


def check_first_composition(segment, init, starts_segment, add):
    samples = segment.samples()
    if init is None or "cmf2" not in init.brands or not starts_segment:
        return
    if not samples or not samples[0].is_sync:  # which is C6
        return
    time = 0
    compositions = []
    for sample in samples:
        compositions.append(time + sample.offset)
        time += sample.duration
    if min(compositions) != 0:
        add("C3", f"the first sample shown is {min(compositions):+d} ticks from the decode time")


def check_times(segment, init, starts_segment, add):
    for before, chunk in zip(segment.chunks, segment.chunks[1:]):
        end = before.time + before.duration()
        if chunk.time != end:
            add("C4", f"a chunk starts at {chunk.time}, {chunk.time - end:+d} ticks from the end "
                "of the one before")
    if any(chunk.time >= TIME_LIMIT for chunk in segment.chunks):
        add("C4", f"the decode time {segment.time} is negative as a signed number")
    if any(sample.duration == 0 for sample in segment.samples()):
        add("C4", "a sample has no duration")


def check_sync_flags(segment, init, starts_segment, add):
    track = track_of(init, segment.chunks[0])
    if track is None:
        return
    samples = segment.samples()
    if track.handler == "soun" and not all(sample.is_sync for sample in samples):
        add("C6", "an audio sample is flagged as no sync sample")
    if track.handler != "vide" or not samples:
        return
    if starts_segment and not samples[0].is_sync:
        add("C6", "the first sample is flagged as no sync sample")
    idr_types = IDR_TYPES.get(track.entry[:3])
    for at, sample in enumerate(samples):
        if (sample.depends_on == 2) != sample.is_sync:
            add("C6", f"sample {at}: sample_depends_on is {sample.depends_on}, "
                f"is {'' if sample.is_sync else 'no '}sync sample")
        if idr_types and sample.nals and bool(idr_types & set(sample.nals)) != sample.is_sync:
            add("C6", f"sample {at}: the sync flag is {sample.is_sync}, the NAL units are {sample.nals}")


def check_sets_out_of_band(segment, init, starts_segment, add):
    track = track_of(init, segment.chunks[0])
    unwanted = PARAMETER_SET_TYPES.get(track.entry, set()) if track else set()
    for at, sample in enumerate(segment.samples()):
        if unwanted & set(sample.nals):
            add("C7", f"sample {at} of '{track.entry}' carries parameter sets in band")
            return


# Neighbours

def check_sequence(pieces, findings):
    """Segments of one track, in order: with zero tolerance, each starts where the one before ended."""
    for before, piece in zip(pieces, pieces[1:]):
        if piece.starts_continuity:
            continue
        gap = (piece.start() - before.start() - before.seconds()) * piece.track.timescale
        if gap:
            findings.add("C4", piece.uri, f"the segment starts at {piece.segment.time}, "
                         f"{float(gap):+g} ticks from the end of {before.uri}")
        last, first = before.segment.chunks[-1].sequence, piece.segment.chunks[0].sequence
        if first <= last:
            findings.add("C2", piece.uri, f"the sequence number goes from {last} to {first}")


def check_alignment(pairs, findings):
    """Video and audio of the same stretch of time: the audio starts within a frame of the video."""
    for video, audio in pairs:
        samples = audio.segment.samples()
        if not samples:
            continue
        frame = Fraction(max(sample.duration for sample in samples), audio.track.timescale)
        shift = audio.start() - video.start()
        if abs(shift) > frame:
            findings.add("C8", audio.uri, f"the audio starts {float(shift):+.4f} s from {video.uri}, "
                         f"more than a frame of {float(frame):.4f} s")


INIT_RULES = [
    check_file_brands,
    check_moov,
    check_no_edits,
    check_parameter_sets,
    check_timescale,
]

SEGMENT_RULES = [
    check_layout,
    check_chunks,
    check_defaults_are_explicit,
    check_first_composition,
    check_times,
    check_sync_flags,
    check_sets_out_of_band,
]
