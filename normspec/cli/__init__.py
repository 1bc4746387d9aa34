"""The command line. It alone imports its library, and each command imports what it needs when it runs."""

import sys


def main() -> None:
    """Run `normspec`; Ctrl-C ends it with 130, a request that cannot be met with 2 and one line that says why."""
    from normspec.cli.app import app  # noqa: PLC0415 - `import normspec.cli` stays cheap
    from normspec.errors import NormspecError  # noqa: PLC0415 - likewise

    try:
        app()
    except KeyboardInterrupt:
        sys.stderr.write("\nnormspec: interrupted; every finished check is in the results file\n")
        sys.exit(130)
    except NormspecError as error:
        sys.stderr.write(f"normspec: {error}\n")
        sys.exit(2)
    except ModuleNotFoundError as error:
        sys.stderr.write(f"normspec: {error}; pip install 'normspec[judge]' brings the oracle, 'normspec[torch]' PyTorch with it\n")
        sys.exit(2)
