"""``python -m tests.reliability.images``: a county and a DICOM device on loopback, in an empty database."""

import django


def main() -> None:
    """Make them through the factories."""
    django.setup()
    from tests.factories.county import County
    from tests.factories.imaging import a_node

    print(a_node(County()).pk)


if __name__ == "__main__":
    main()
