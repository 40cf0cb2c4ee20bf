"""D11: the structure of MPDs as a table (ISO/IEC 23009-1, DASH-MPD.xsd).

For every element: its attributes with their types, and its children in the order that the schema demands.
A '!' behind an attribute's type makes it required; behind a child's name, '?' means at most one, '+' at
least one, nothing any number. Elements and attributes of other namespaces are extensions and are allowed.
"""

import re

from mpd import NAMESPACE, parse_date, parse_duration

_UINT = r"\d{1,10}"
TYPES = {
    "string": r"[\s\S]*",
    "uri": r"\S*",
    "uint": _UINT,
    "ulong": r"\d{1,20}",
    "int": r"[+-]?\d{1,20}",
    "bool": r"true|false|0|1",
    "double": r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|INF",
    "uint-or-bool": rf"true|false|{_UINT}",
    "uints": rf"{_UINT}( {_UINT})*",
    "sample-rates": rf"{_UINT}( {_UINT})?",
    "ratio": r"\d+:\d+",
    "frame-rate": r"\d+(/[1-9]\d*)?",
    "sap": r"[0-6]",
    "language": r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*",
    "token": r"\S+",
    "content": r"text|image|audio|video|application|font",
    "presentation": r"static|dynamic",
    "scan": r"progressive|interlaced|unknown",
    "profiles": r"[^\s,]+(,[^\s,]+)*",
    "codecs": r"[^\s,\"]+(,[^\s,\"]+)*",
    "range": r"\d*(-\d*)?",
    "clock": r"encoder|captured|application",
}

_DESCRIPTOR = ({"schemeIdUri": "uri!", "value": "string", "id": "string"}, ())
_LABEL = ({"id": "uint", "lang": "language"}, ())
_TEXT = ({}, ())
_URL = ({"sourceURL": "uri", "range": "range"}, ())
_EVENTS = ({"schemeIdUri": "uri!", "value": "string", "timescale": "uint",
            "presentationTimeOffset": "ulong"}, ("Event",))

_BASE_ATTRIBUTES = {
    "profiles": "profiles", "width": "uint", "height": "uint", "sar": "ratio",
    "frameRate": "frame-rate", "audioSamplingRate": "sample-rates", "mimeType": "string",
    "segmentProfiles": "string", "containerProfiles": "string", "codecs": "codecs",
    "maximumSAPPeriod": "double", "startWithSAP": "sap", "maxPlayoutRate": "double",
    "codingDependency": "bool", "scanType": "scan", "selectionPriority": "uint", "tag": "string",
}
_BASE_CHILDREN = (
    "FramePacking", "AudioChannelConfiguration", "ContentProtection", "OutputProtection?",
    "EssentialProperty", "SupplementalProperty", "InbandEventStream", "Switching", "RandomAccess",
    "GroupLabel", "Label", "ProducerReferenceTime", "ContentPopularityRate", "Resync",
)
_VIEW_CHILDREN = ("Accessibility", "Role", "Rating", "Viewpoint")
_SEGMENT_CHILDREN = ("SegmentBase?", "SegmentList?", "SegmentTemplate?")
_SEGMENT_BASE = {
    "timescale": "uint", "eptDelta": "int", "pdDelta": "int", "presentationTimeOffset": "ulong",
    "presentationDuration": "ulong", "timeShiftBufferDepth": "duration", "indexRange": "range",
    "indexRangeExact": "bool", "availabilityTimeOffset": "double", "availabilityTimeComplete": "bool",
}
_MULTIPLE = {**_SEGMENT_BASE, "duration": "uint", "startNumber": "uint", "endNumber": "uint"}
_SEGMENT_BASE_CHILDREN = ("Initialization?", "RepresentationIndex?", "FailoverContent?")
_MULTIPLE_CHILDREN = (*_SEGMENT_BASE_CHILDREN, "SegmentTimeline?", "BitstreamSwitching?")

ELEMENTS = {
    "MPD": ({
        "id": "string", "profiles": "profiles!", "type": "presentation",
        "availabilityStartTime": "date", "availabilityEndTime": "date", "publishTime": "date",
        "mediaPresentationDuration": "duration", "minimumUpdatePeriod": "duration",
        "minBufferTime": "duration!", "timeShiftBufferDepth": "duration",
        "suggestedPresentationDelay": "duration", "maxSegmentDuration": "duration",
        "maxSubsegmentDuration": "duration",
    }, ("ProgramInformation", "BaseURL", "Location", "PatchLocation", "ServiceDescription",
        "InitializationSet", "InitializationGroup", "InitializationPresentation", "ContentProtection",
        "Period+", "Metrics", "EssentialProperty", "SupplementalProperty", "UTCTiming",
        "LeapSecondInformation?")),
    "ProgramInformation": ({"lang": "language", "moreInformationURL": "uri"},
                           ("Title?", "Source?", "Copyright?")),
    "Title": _TEXT, "Source": _TEXT, "Copyright": _TEXT, "Location": _TEXT,
    "PatchLocation": ({"ttl": "double"}, ()),
    "BaseURL": ({"serviceLocation": "string", "byteRange": "string", "availabilityTimeOffset": "double",
                 "availabilityTimeComplete": "bool", "timeShiftBufferDepth": "duration",
                 "rangeAccess": "bool"}, ()),
    "ServiceDescription": ({"id": "uint"}, ("Scope", "Latency", "PlaybackRate", "OperatingQuality",
                                            "OperatingBandwidth")),
    "Scope": _DESCRIPTOR,
    "Latency": ({"referenceId": "uint", "target": "uint", "max": "uint", "min": "uint"},
                ("QualityLatency",)),
    "PlaybackRate": ({"max": "double", "min": "double"}, ()),
    "OperatingQuality": ({"mediaType": "string", "min": "uint", "max": "uint", "target": "uint",
                          "type": "uri", "maxDifference": "uint"}, ()),
    "OperatingBandwidth": ({"mediaType": "string", "min": "uint", "max": "uint", "target": "uint"}, ()),
    "Period": ({"id": "string", "start": "duration", "duration": "duration", "bitstreamSwitching": "bool"},
               ("BaseURL", *_SEGMENT_CHILDREN, "AssetIdentifier?", "EventStream", "ServiceDescription",
                "ContentProtection", "AdaptationSet", "Subset", "SupplementalProperty",
                "EmptyAdaptationSet", "GroupLabel", "Preselection")),
    "AssetIdentifier": _DESCRIPTOR,
    "EventStream": _EVENTS, "InbandEventStream": _EVENTS,
    "Event": ({"presentationTime": "ulong", "duration": "ulong", "id": "uint",
               "contentEncoding": "string", "messageData": "string"}, ()),
    "AdaptationSet": ({
        **_BASE_ATTRIBUTES,
        "id": "uint", "group": "uint", "lang": "language", "contentType": "content", "par": "ratio",
        "minBandwidth": "uint", "maxBandwidth": "uint", "minWidth": "uint", "maxWidth": "uint",
        "minHeight": "uint", "maxHeight": "uint", "minFrameRate": "frame-rate",
        "maxFrameRate": "frame-rate", "segmentAlignment": "uint-or-bool",
        "subsegmentAlignment": "uint-or-bool", "subsegmentStartsWithSAP": "sap",
        "bitstreamSwitching": "bool", "initializationSetRef": "uints", "initializationPrincipal": "uri",
    }, (*_BASE_CHILDREN, *_VIEW_CHILDREN, "ContentComponent", "BaseURL", *_SEGMENT_CHILDREN,
        "Representation")),
    "ContentComponent": ({"id": "uint", "lang": "language", "contentType": "content", "par": "ratio",
                          "tag": "string"}, _VIEW_CHILDREN),
    "Representation": ({
        **_BASE_ATTRIBUTES,
        "id": "token!", "bandwidth": "uint!", "qualityRanking": "uint", "dependencyId": "string",
        "associationId": "string", "associationType": "string", "mediaStreamStructureId": "string",
    }, (*_BASE_CHILDREN, "BaseURL", "ExtendedBandwidth", "SubRepresentation", *_SEGMENT_CHILDREN)),
    "SubRepresentation": ({**_BASE_ATTRIBUTES, "level": "uint", "dependencyLevel": "uints",
                           "bandwidth": "uint", "contentComponent": "string"}, _BASE_CHILDREN),
    "Subset": ({"contains": "uints!", "id": "string"}, ()),
    "Switching": ({"interval": "uint!", "type": "string"}, ()),
    "RandomAccess": ({"interval": "uint!", "type": "string", "minBufferTime": "duration",
                      "bandwidth": "uint"}, ()),
    "ProducerReferenceTime": ({"id": "uint!", "inband": "bool", "type": "clock",
                               "applicationScheme": "string", "wallClockTime": "string!",
                               "presentationTime": "ulong!"}, ("UTCTiming?",)),
    "Resync": ({"type": "sap", "dT": "uint", "dImax": "double", "dImin": "double", "marker": "bool"}, ()),
    "SegmentBase": (_SEGMENT_BASE, _SEGMENT_BASE_CHILDREN),
    "SegmentTemplate": ({**_MULTIPLE, "media": "string", "index": "string", "initialization": "string",
                         "bitstreamSwitching": "string"}, _MULTIPLE_CHILDREN),
    "SegmentList": (_MULTIPLE, (*_MULTIPLE_CHILDREN, "SegmentURL")),
    "SegmentURL": ({"media": "uri", "mediaRange": "range", "index": "uri", "indexRange": "range"}, ()),
    "SegmentTimeline": ({}, ("S",)),
    "S": ({"t": "ulong", "n": "ulong", "d": "ulong!", "r": "int", "k": "ulong"}, ()),
    "Initialization": _URL, "RepresentationIndex": _URL, "BitstreamSwitching": _URL,
    "LeapSecondInformation": ({"availabilityStartLeapOffset": "int!",
                               "nextAvailabilityStartLeapOffset": "int", "nextLeapChangeTime": "date"}, ()),
    "Label": _LABEL, "GroupLabel": _LABEL,
}
ELEMENTS.update((name, _DESCRIPTOR) for name in (
    "FramePacking", "AudioChannelConfiguration", "ContentProtection", "OutputProtection",
    "EssentialProperty", "SupplementalProperty", "Accessibility", "Role", "Rating", "Viewpoint",
    "UTCTiming"))


def check_schema(mpd, findings):
    """Reports, as D11, each place where the MPD is not what the table says."""
    _check_element(mpd.root, lambda text: findings.add("D11", mpd.uri, text))


def _check_element(element, add):
    name = element.tag.removeprefix(NAMESPACE)
    if name not in ELEMENTS:  # known to the schema as a child, but not described here
        return
    attributes, children = ELEMENTS[name]
    _check_attributes(name, element, attributes, add)
    order = {child.rstrip("?+"): at for at, child in enumerate(children)}
    counts = _check_order(name, element, order, add)
    for child in children:
        count = counts.get(child.rstrip("?+"), 0)
        if child.endswith("+") and not count or child.endswith("?") and count > 1:
            add(f"{name} has {count} {child.rstrip('?+')}")
    for child in element:
        if child.tag.startswith(NAMESPACE):
            _check_element(child, add)


def _check_order(name, element, order, add):
    counts = {}
    latest = ""
    for child in element:
        if not child.tag.startswith(NAMESPACE):
            continue
        kind = child.tag.removeprefix(NAMESPACE)
        counts[kind] = counts.get(kind, 0) + 1
        if kind not in order:
            add(f"{name} has a child {kind}")
        elif latest and order[kind] < order[latest]:
            add(f"in {name}, {kind} stands behind {latest}")
        else:
            latest = kind
    return counts


def _check_attributes(name, element, attributes, add):
    for attribute, value in element.attrib.items():
        kind = attributes.get(attribute)
        if kind is None:
            if not attribute.startswith("{"):
                add(f"{name} has an attribute {attribute}")
        elif not _is_of_type(kind.rstrip("!"), value):
            add(f"{name}@{attribute} is '{value}', which is no {kind.rstrip('!')}")
    for attribute, kind in attributes.items():
        if kind.endswith("!") and attribute not in element.attrib:
            add(f"{name} has no attribute {attribute}")


def _is_of_type(kind, value):
    if kind == "duration":
        return parse_duration(value) is not None
    if kind == "date":
        return parse_date(value) is not None
    if re.fullmatch(TYPES[kind], value, re.ASCII) is None:
        return False
    return kind != "uint" or int(value) < 2**32
