"""Judges what chain records by all the checkers' rules: test_chain.py CHAIN CHECKERS SCENARIO.

Each scenario may break the rules that it cannot keep, and no others.
"""

import re
import subprocess
import sys
import tempfile

# H18: nothing is listed while nothing comes. H6 and D2: the window is in memory, and gone after a
# restart. C3, C6 and D6: without a key frame in time a segment begins with another picture, and the set
# does not promise startWithSAP. V1: with audio a variant has more bits. V3: with frames missing, it
# cannot be told at once how many there should be.
ALLOWED = {
    "late-audio": {"V1"},
    "rare-key-frames": {"C3", "C6", "D6"},
    "reconnects": {"H18"},
    "restarts": {"H18", "H6", "D2"},
    "small-holes": {"C3", "C6", "D6", "V3"},
}


def renditions_are_listed(fetches):
    """Both videos are in both manifests, as qualities of one source, with the same segments in time."""
    bodies = {fetch.uri.rsplit("/", 1)[1]: fetch.body.decode() for fetch in fetches
              if fetch.purpose in ("multivariant", "media", "mpd")}
    variants = re.findall(r"^(\w+)\.m3u8$", bodies["index.m3u8"], re.M)
    if sorted(variants) != ["low", "video"]:
        sys.exit(f"variants are {variants}")
    (video_set,) = re.findall(r'<AdaptationSet [^>]*contentType="video".*?</AdaptationSet>',
                              bodies["manifest.mpd"], re.S)
    members = re.findall(r'<Representation id="(\w+)"', video_set)
    if sorted(members) != ["low", "video"]:
        sys.exit(f"representations are {members}")
    lists = [re.findall(r"#EXT-X-MEDIA-SEQUENCE:\d+|#EXTINF:[\d.]+|PROGRAM-DATE-TIME:.*",
                        bodies[f"{name}.m3u8"]) for name in members]
    if len(lists[0]) < 10 or lists[0] != lists[1]:
        sys.exit("the renditions' segments differ")


def judge(folder, scenario):
    from evidence import Evidence
    from fetch import replay

    fetches = list(replay(folder))
    if scenario == "renditions":
        renditions_are_listed(fetches)
    uris = {fetch.purpose: fetch.uri for fetch in fetches}
    evidence = Evidence(uris["multivariant"], uris["mpd"], ignore=tuple(ALLOWED.get(scenario, ())))
    for fetch in fetches:
        evidence.take(fetch)
    segments = [uri for uri, want in evidence.wants.items() if want.purpose == "segment"]
    missing = [uri for uri in segments if uri not in evidence.parsed]
    if len(segments) < 10 or missing or not evidence.has_ended():
        sys.exit(f"{len(segments)} segments were listed, {len(missing)} not recorded, "
                 f"{'ended' if evidence.has_ended() else 'not ended'}")
    return evidence.findings()


def main():
    chain, checkers, scenario = sys.argv[1:]
    sys.path.insert(0, checkers)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([chain, scenario, folder], check=True)
        findings = judge(folder, scenario)
    for line in findings.lines():
        print(line)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
