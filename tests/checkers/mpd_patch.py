"""MPD patches (ISO/IEC 23009-1, 5.15): applied to an MPD, as a player does it.

Of XPath, what patches use is read: steps with an index or an attribute's value in brackets, and an attribute
at the end.
"""

import copy
import re
import xml.etree.ElementTree as ElementTree

from mpd import NAMESPACE

PATCH = "{urn:mpeg:dash:schema:mpd-patch:2020}"
_STEP = re.compile(r"(\w+)(?:\[(?:(\d+)|@(\w+)=(?:'([^']*)'|\"([^\"]*)\"))\])?")


class PatchFault(ValueError):
    """A patch that cannot be read, or that does not fit the MPD."""


def applied(root, data):
    """A copy of the MPD's tree, patched."""
    patch = _parse(data)
    if patch.get("mpdId") != root.get("id"):
        raise PatchFault(f"the patch is for the MPD '{patch.get('mpdId')}', not for '{root.get('id')}'")
    if patch.get("originalPublishTime") != root.get("publishTime"):
        raise PatchFault(f"the patch is for the MPD of {patch.get('originalPublishTime')}, not for that of "
                         f"{root.get('publishTime')}")
    patched = copy.deepcopy(root)
    for operation in patch:
        _apply(patched, operation)
    if patched.get("publishTime") != patch.get("publishTime"):
        raise PatchFault(f"the patch leads to {patched.get('publishTime')}, and says {patch.get('publishTime')}")
    return patched


def canonical(root):
    """The tree as text, in which the order of attributes and white space make no difference."""
    return ElementTree.canonicalize(ElementTree.tostring(root), strip_text=True)


def _parse(data):
    try:
        patch = ElementTree.fromstring(data)
    except ElementTree.ParseError as fault:
        raise PatchFault(f"not well-formed: {fault}") from fault
    if patch.tag != PATCH + "Patch":
        raise PatchFault(f"the root element is {patch.tag}")
    return patch


def _apply(root, operation):
    kind = operation.tag.removeprefix(PATCH)
    selector = operation.get("sel", "")
    path, _, attribute = selector.partition("/@")
    parent, element = _find(root, path)
    if kind == "add" and operation.get("type"):
        attribute = operation.get("type").removeprefix("@")
    if kind not in ("add", "replace", "remove"):
        raise PatchFault(f"there is an operation '{kind}'")
    if attribute:
        _change_attribute(element, kind, attribute, operation.text or "")
    elif kind == "add":
        _add(parent, element, operation)
    else:
        at = list(parent).index(element)
        parent.remove(element)
        if kind == "replace":
            parent.insert(at, _adopt(operation[0]))


def _change_attribute(element, kind, name, value):
    if (kind == "add") == (name in element.attrib):
        raise PatchFault(f"{kind} of @{name}, which is {'' if kind == 'add' else 'not '}there")
    if kind == "remove":
        del element.attrib[name]
    else:
        element.set(name, value)


def _add(parent, element, operation):
    where = operation.get("pos")
    new = [_adopt(child) for child in operation]
    if where in ("before", "after"):
        at = list(parent).index(element) + (where == "after")
        parent[at:at] = new
    elif where == "prepend":
        element[0:0] = new
    else:
        element.extend(new)


def _adopt(element):
    """The element as one of the MPD's."""
    made = copy.deepcopy(element)
    for one in made.iter():
        one.tag = one.tag.replace(PATCH, NAMESPACE)
    made.tail = None
    return made


def _find(root, path):
    """The one element that the path selects, and its parent."""
    steps = re.split(r"/(?=(?:[^'\"]|'[^']*'|\"[^\"]*\")*$)", path.strip("/"))
    parent, element = None, root
    if steps[0] != "MPD":
        raise PatchFault(f"the path {path} does not begin at the MPD")
    for step in steps[1:]:
        match = _STEP.fullmatch(step)
        found = _select(element, *match.groups()) if match else []
        if len(found) != 1:
            raise PatchFault(f"{len(found)} elements are at {path}")
        parent, element = element, found[0]
    return parent, element


def _select(element, name, index, key, *values):
    found = [child for child in element if child.tag == NAMESPACE + name]
    if index:
        return found[int(index) - 1:int(index)]
    if key:
        value = next(one for one in values if one is not None)
        return [child for child in found if child.get(key) == value]
    return found
