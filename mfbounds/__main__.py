"""`python -m mfbounds`: the command line."""

from mfbounds.cli import main

if __name__ == "__main__":
    main()
