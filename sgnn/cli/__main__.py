"""`python -m sgnn.cli` is the same as `sgnn`."""

from sgnn.cli import main

if __name__ == "__main__":
    main()
