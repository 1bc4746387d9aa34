"""The command line. It alone imports its library, and each command imports what it needs when it runs."""

import sys


def main() -> None:
    """Run `normspec`; a request that cannot be met ends it with 2 and one line that says why."""
    from normspec.cli.app import app  # noqa: PLC0415 - `import normspec.cli` stays cheap
    from normspec.errors import NormspecError  # noqa: PLC0415 - likewise

    try:
        app()
    except (NormspecError, OSError) as error:
        sys.stderr.write(f"normspec: {error}\n")
        sys.exit(2)
    except ModuleNotFoundError as error:
        sys.stderr.write(f"normspec: {error}; pip install 'normspec[judge]' brings the oracle, 'normspec[torch]' PyTorch with it\n")
        sys.exit(2)
