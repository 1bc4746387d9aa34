"""Options of our own tests."""


def pytest_addoption(parser):
    parser.addoption("--seeds", type=int, default=2, help="how many other seeds the reference is judged with (default: 2)")
