"""Options of our own tests."""


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="judge every framework on every case, not on some (tests/test_frameworks.py)")
    parser.addoption("--seeds", type=int, default=2, help="how many other seeds the reference is judged with (default: 2)")
