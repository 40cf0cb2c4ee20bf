"""The rules of LL-DASH: D8 (what the MPD promises, and whether segments grow as it says) and D12 (patches).

LowLatency takes the fetches of growing segments and of patches, and says what to fetch next; `check` judges all
that was seen. It does no I/O.
"""

from fractions import Fraction
from hashlib import sha1
from urllib.parse import urljoin

import mpd_patch
import transport
from boxes import BoxFault
from cmaf_model import parse_segment
from mpd import NAMESPACE, parse_date

PROFILE = "http://www.dashif.org/guidelines/low-latency-live-v5"
MOST_LATE = 0.75  # seconds that a chunk may come after its end, on its way to a slow poller
DATE_GRAIN = Fraction(2, 1000)
FASTEST = 1.5  # beyond it nobody can listen


class LowLatency:
    def __init__(self, series, findings):
        self._series = series  # of MPDs
        self._direct = findings
        self.grown = {}  # URI: the Fetch of a segment while it grew
        self._edition = None  # the MPD's tree, as patches have made it
        self.patched = {}  # publishTime: canonical text of what patches led to

    def growing(self):
        """(URI, URI of the init segment) of those that may still grow, by the newest MPD."""
        mpd = self._series.last
        for one in mpd.representations() if mpd else ():
            for piece in one.pieces()[-1:] if one.timeline is not None else ():
                if piece.is_open and one.media_uri(piece) not in self.grown:
                    yield one.media_uri(piece), one.init_uri()

    def take_growing(self, fetch):
        self.grown[fetch.uri] = fetch
        transport.judge_media(fetch, self._direct)

    def next_patch(self):
        """The URI of the patch to wait for, or None."""
        if self._edition is None and self._series.last is not None:
            self._edition = self._series.last.root
        location = None if self._edition is None else self._edition.find(NAMESPACE + "PatchLocation")
        return None if location is None else urljoin(self._series.uri, location.text.strip())

    def take_patch(self, fetch):
        """Whether there was one. After a fault it goes on from the newest MPD."""
        try:
            if fetch.status != 200:
                raise mpd_patch.PatchFault(fetch.error or f"the status is {fetch.status}")
            self._edition = mpd_patch.applied(self._edition, fetch.body)
            self.patched[self._edition.get("publishTime")] = mpd_patch.canonical(self._edition)
        except mpd_patch.PatchFault as fault:
            self._direct.add("D12", fetch.uri, str(fault))
            self._edition = None
            return False
        transport.judge_cors(fetch, self._direct)
        return True

    def check(self, files, digests, findings):
        for snapshot in self._series.snapshots:
            check_mpd(snapshot.parsed, findings)
            self._check_patched(snapshot.parsed, findings)
        for uri, fetch in self.grown.items():
            if fetch.status == 200:
                self._check_growth(uri, fetch, files, digests, findings)

    def _check_patched(self, mpd, findings):
        made = self.patched.get(mpd.root.get("publishTime"))
        if made is not None and made != mpd_patch.canonical(mpd.root):
            findings.add("D12", mpd.uri, f"the MPD of {mpd.root.get('publishTime')} is not what its patch leads to")

    def _check_growth(self, uri, fetch, files, digests, findings):
        if digests.get(uri) not in (None, sha1(fetch.body).hexdigest()):
            findings.add("D8", uri, "what was sent while the segment grew is not what is there now")
        one, piece = self._described(uri)
        try:
            segment = parse_segment(fetch.body, files.get(one.init_uri()))
        except BoxFault as fault:
            findings.add("D8", uri, f"what was sent while the segment grew cannot be parsed: {fault}")
            return
        if segment.time == piece.time:
            check_arrivals(one, segment, fetch, findings)

    def _described(self, uri):
        for snapshot in reversed(self._series.snapshots):
            for one in snapshot.parsed.representations():
                for piece in one.pieces() if one.timeline is not None else ():
                    if one.media_uri(piece) == uri:
                        return one, piece
        raise KeyError(uri)


def check_arrivals(one, segment, fetch, findings):
    """Each chunk comes when it has ended, and not with the segment's end."""
    begin = one.period.mpd.start + one.period.start - Fraction(one.offset, one.timescale)
    for chunk in segment.chunks:
        size = chunk.start + chunk.moof_size + chunk.mdat_header + chunk.mdat_size
        came = next(when for when, total in fetch.arrivals if total >= size)
        due = begin + Fraction(chunk.time + chunk.duration(), one.timescale)
        late = Fraction(came) - max(due, Fraction(fetch.started))
        if late > MOST_LATE:
            findings.add("D8", fetch.uri, f"the chunk at {chunk.time} came {float(late):.2f} s after its end")
            return


# One MPD

def check_mpd(mpd, findings):
    if mpd.type != "dynamic" or not any(one.is_low_latency for one in mpd.representations()):
        return
    for rule in MPD_RULES:
        rule(mpd, lambda text: findings.add("D8", mpd.uri, text))


def _longest(mpd, one):
    """How long segments of the newest period are, in seconds, or None. Nobody waits for those of one that is over."""
    pieces = one.pieces() if one.timeline is not None and one.period is mpd.periods[-1] else []
    return max((Fraction(piece.duration, one.timescale) for piece in pieces), default=None)


def check_offsets(mpd, add):
    for one in mpd.representations():
        longest = _longest(mpd, one)
        if (one.time_offset > 0) != one.is_low_latency:
            add(f"{one.id}: availabilityTimeOffset is {float(one.time_offset)}, availabilityTimeComplete "
                f"{one.template.get('availabilityTimeComplete')}")
        if longest is not None and one.time_offset >= longest:
            add(f"{one.id}: availabilityTimeOffset is {float(one.time_offset)} s, a segment lasts {float(longest)} s")


def check_profile(mpd, add):
    if PROFILE not in mpd.root.get("profiles", "").split(","):
        add(f"the profiles are '{mpd.root.get('profiles')}'")


def check_service(mpd, add):
    service = mpd.root.find(NAMESPACE + "ServiceDescription")
    latency = None if service is None else service.find(NAMESPACE + "Latency")
    rate = None if service is None else service.find(NAMESPACE + "PlaybackRate")
    if latency is None or latency.get("target") is None:
        add("there is no target latency")
        return
    bounds = [int(latency.get(name, latency.get("target"))) for name in ("min", "target", "max")]
    if bounds != sorted(bounds) or bounds[0] <= 0:
        add(f"the least, wanted and most latency are {bounds}")
    if rate is None or not 0 < float(rate.get("min", 1)) <= 1 <= float(rate.get("max", 1)) <= FASTEST:
        add(f"the playback rates are {None if rate is None else rate.attrib}")


def check_references(mpd, add):
    """Each set says when its media was captured, as availabilityStartTime does."""
    for period in mpd.periods:
        ids = [reference.get("id") for reference in period.element.iter(NAMESPACE + "ProducerReferenceTime")]
        if len(set(ids)) != len(ids):
            add(f"the reference times of period '{period.id}' have the ids {ids}")
        for one in period.representations:
            references = [*one.set_element.findall(NAMESPACE + "ProducerReferenceTime"),
                          *one.element.findall(NAMESPACE + "ProducerReferenceTime")]
            if not references:
                add(f"{one.id} has no ProducerReferenceTime")
            for reference in references:
                _check_reference(one, reference, add)
    _check_reference_id(mpd, add)


def _check_reference(one, reference, add):
    if reference.get("type", "encoder") not in ("encoder", "captured"):
        add(f"{one.id}: the reference time's type is '{reference.get('type')}'")
    if reference.find(NAMESPACE + "UTCTiming") is None:
        add(f"{one.id}: the reference time has no UTCTiming")
    since = Fraction(int(reference.get("presentationTime", 0)) - one.offset, one.timescale)
    error = (parse_date(reference.get("wallClockTime")) or 0) - one.period.mpd.start - one.period.start - since
    if abs(error) > DATE_GRAIN:
        add(f"{one.id}: the reference time is {float(error):+.3f} s from what availabilityStartTime says")


def _check_reference_id(mpd, add):
    ids = {reference.get("id") for reference in mpd.periods[-1].element.iter(NAMESPACE + "ProducerReferenceTime")}
    for latency in mpd.root.iter(NAMESPACE + "Latency"):
        if latency.get("referenceId") not in ids:
            add(f"Latency@referenceId is {latency.get('referenceId')}, the reference times are {sorted(ids)}")


def check_resync(mpd, add):
    for one in mpd.representations():
        for resync in (*one.set_element.findall(NAMESPACE + "Resync"), *one.element.findall(NAMESPACE + "Resync")):
            seconds = Fraction(int(resync.get("dT", 0)), one.timescale)
            longest = _longest(mpd, one)
            if seconds <= 0 or (longest is not None and seconds > longest):
                add(f"{one.id}: Resync@dT is {float(seconds)} s, a segment lasts {float(longest or seconds)} s")


def check_patch_location(mpd, add):
    if mpd.root.find(NAMESPACE + "PatchLocation") is not None and mpd.root.get("id") is None:
        add("there is a PatchLocation, and the MPD has no id")


MPD_RULES = [
    check_offsets,
    check_profile,
    check_service,
    check_references,
    check_resync,
    check_patch_location,
]
