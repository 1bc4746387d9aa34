"""What can go wrong, as a tree.

NormspecError
├── InvalidSpec        a meaning that does not exist (also a ValueError)
├── InvalidInput       an array that does not fit the meaning (also a ValueError)
├── Refused            the meaning itself says no to this input
├── Unsupported        an implementation that lacks this meaning, with the reason
└── NotFound           a name that names nothing here (also a LookupError)
"""


class NormspecError(Exception):
    """Base of every error that normspec raises on purpose."""


class InvalidSpec(NormspecError, ValueError):  # noqa: N818 - reads as what it says: `except InvalidSpec`
    """A specification with values that no layer can have; the message lists every one of them."""


class InvalidInput(NormspecError, ValueError):  # noqa: N818 - as InvalidSpec
    """An array whose shape or dtype does not fit the layer; the message lists every mismatch."""


class Refused(NormspecError):  # noqa: N818 - as InvalidSpec
    """The input is one that the layer's specification says MUST be refused."""


class Unsupported(NormspecError):  # noqa: N818 - as InvalidSpec
    """An implementation lacks the layer as specified; the message is the reason, and becomes the verdict's."""


class NotFound(NormspecError, LookupError):  # noqa: N818 - as InvalidSpec
    """A name of an implementation, a layer, a clause or a case that does not exist here."""
