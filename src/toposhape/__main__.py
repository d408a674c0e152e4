"""`python -m toposhape`: the command, where it is not installed."""

from toposhape.cli import main

if __name__ == "__main__":
    main()
